/** `lintShaders.ts [folder]`: lints all shaders of `src` or of a folder; a folder without any is an error. */

import { lintWgslFolder } from './lintWgsl.ts';

const folder = process.argv[2] ?? 'src';
const { files, problems } = lintWgslFolder(folder);
for (const problem of problems) console.error(problem);
if (files === 0) console.error(`There are no .wgsl files under ${folder}: is the folder right?`);
if (problems.length > 0 || files === 0) process.exitCode = 1;
else console.log(`Linted ${files} shaders, no problems.`);
