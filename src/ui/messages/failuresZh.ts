/** What the session says of failures, in simplified Chinese: it says each in English sentences, here by themselves. */
import { reasonZh } from './reasonsZh.ts';

const SENTENCES: Readonly<Record<string, string>> = {
  'The graphics card stopped answering.': '显卡停止了响应。',
  'The browser ended the part of the page that runs the model.': '浏览器结束了页面中运行模型的部分。',
  'The model stopped with an error.': '模型因错误而停止。',
  'The model cannot take this turn.': '模型无法处理这一轮。',
  'The model could not be started.': '模型无法启动。',
  'The model is not loaded.': '模型尚未加载。',
  'Your words and all turns are kept.': '您写的文字和所有轮次都已保留。',
  'Your words are kept.': '您写的文字已保留。',
  'All turns are kept.': '所有轮次都已保留。',
  'All pictures are kept.': '所有图片都已保留。',
  'Everything stored is kept.': '已存储的一切都还在。',
  'The download broke off.': '下载中断了。',
  'What arrived is checked and kept.': '已收到的部分经过校验并已保留。',
  'A part of the model arrived damaged.': '模型的一部分在传输中损坏。',
  'It was thrown away; all other parts are kept.': '损坏的部分已丢弃，其余部分都已保留。',
  'This browser cannot run the model.': '此浏览器无法运行模型。',
  'Pictures, regions, compare and export still work, and everything stored is kept.':
    '图片、区域、比较和导出仍可使用，已存储的一切都还在。',
  'Everything is still here as long as this page stays open.': '只要不关闭此页面，一切都还在。',
  'The disk is full, so the last change is only in memory.': '磁盘已满，最后的改动只在内存中。',
  'The browser did not store the last change; it is only in memory.':
    '浏览器没有存下最后的改动，它只在内存中。',
  'This session was changed in another tab, so the last change here is only in memory.':
    '此会话在另一个标签页中被改动，这里最后的改动只在内存中。',
  'The browser does not let this page use its storage.': '浏览器不允许此页面使用存储空间。',
  'Nothing stored was changed.': '已存储的内容没有改变。',
  'The open session has changes that could not be stored.': '当前会话有未能存储的改动。',
  'It stays open, so nothing is lost.': '它会保持打开，因此什么都不会丢失。',
  'Nothing was changed.': '什么都没有改变。',
  'Nothing was changed or deleted.': '什么都没有改变或删除。',
  'This session could not be read.': '无法读取这个会话。',
  'The file could not be read.': '无法读取这个文件。',
  'This picture could not be used.': '无法使用这张图片。',
  'The video could not be made.': '无法制作视频。',
  'The turn before this one has no picture.': '前一轮没有图片。',
  'Nothing was made or queued; your words, regions and references are kept.':
    '没有执行，也没有排队；您写的文字、区域和参考图片都已保留。',
  'Your words and regions are as they were; no turn was touched.':
    '您写的文字和区域都保持原样，各轮都没有改动。',
  'Your words and regions are as they were.': '您写的文字和区域都保持原样。',
  'The model cannot look for this region.': '模型无法寻找这个区域。',
  'The model found no region for these words.': '模型没有找到与这些文字相符的区域。',
  'Draw it, or use other words.': '请手绘区域，或换一种说法。',
  'Only a turn that has a picture can be made anew with what follows it.':
    '只有已有图片的一轮，才能连同其后各轮重新制作。',
  'The picture of this turn is missing from the storage.': '存储中缺少这一轮的图片。',
  'There is nothing to find a region for.': '没有可以用来寻找区域的文字。',
  'Write what should change.': '请写下想改变什么。',
  'A clip is made from words and pictures alone.': '短片只能由文字和图片制作。',
  'Clear the regions and references.': '请清除区域和参考图片。',
  'There is no picture yet to go on from.': '还没有可以接着做的图片。',
  'Open or make a picture first.': '请先打开或画出一张图片。',
  'There is no clip here to edit.': '这里没有可以修改的短片。',
  'Go to a clip first.': '请先转到一个短片。',
  'Take some of them out.': '请去掉几张。',
  'An example needs a picture before and a picture after.': '示例需要一张之前的图片和一张之后的图片。',
  'Add the other one.': '请补上另一张。',
  'Start the model again': '重新启动模型',
  'Make it again': '再做一次',
  'Go on': '继续',
  'Load it again': '重新加载',
  'Save a session file': '保存会话文件',
  'Load the page again': '重新载入页面',
  'Save what is stored': '保存已存储的内容',
  'Choose another': '另选一个',
  'Try again': '再试一次',
  'Load the model': '加载模型',
  'Load the model again': '重新加载模型',
};

const ABILITIES: Readonly<Record<string, string>> = {
  'change a picture by words': '按文字修改图片',
  'make a picture from words alone': '只凭文字作画',
  'keep an edit inside a drawn region': '把修改限制在手绘区域内',
  'find the region that words speak of': '找到文字所说的区域',
  'say where something will be after an edit': '指出修改后物体所在的位置',
  'move a region to another place': '把区域移到别处',
  'go from a region to the next one and to the picture': '由区域推到下一个区域，再到图片',
  'take things over from other pictures': '从其他图片取用物体',
  'repeat an example on another picture': '在另一张图片上重复示例',
  'go on with the next scene of a story': '接着画故事的下一幕',
  'make a clip between two pictures': '在两张图片之间制作短片',
  'edit every frame of a clip': '修改短片的每一帧',
};

type Pattern = readonly [english: RegExp, chinese: (...parts: readonly string[]) => string];

const abilities = (list: string): string =>
  Object.entries(ABILITIES)
    .reduce((text, [english, chinese]) => text.replaceAll(english, chinese), list)
    .replaceAll(/, | and /g, '、');

const PATTERNS: readonly Pattern[] = [
  [
    /^Turn (\d+) was not made; your words, the region and all earlier turns are kept\.$/,
    (number) => `第 ${number} 轮没有完成；您写的文字、区域和之前各轮都已保留。`,
  ],
  [
    /^Turn (\d+) was not made; your words and all earlier turns are kept\.$/,
    (number) => `第 ${number} 轮没有完成；您写的文字和之前各轮都已保留。`,
  ],
  [
    /^The download broke off at ([\d.]+) of ([\d.]+)\sMB\.$/,
    (done, total) => `下载在 ${done}\u00a0MB 处中断，共 ${total}\u00a0MB。`,
  ],
  [
    /^This session was stored by a newer version of this page \(its format is (\d+)\)\.$/,
    (version) => `这个会话由更新版本的页面存储（格式 ${version}）。`,
  ],
  [
    /^Words can speak of (\w+) pictures at most; there are (\d+)\.$/,
    (most, count) => `文字最多可以提到 ${most} 张图片，现在有 ${count} 张。`,
  ],
  [/^This model cannot (.+)\.$/, (ability = '') => `这个模型不能${abilities(ability)}。`],
  [/^It can (.+)\.$/, (list = '') => `它能：${abilities(list)}。`],
];

function sentenceZh(english: string): string {
  const known = SENTENCES[english];
  if (known !== undefined) return known;
  for (const [pattern, chinese] of PATTERNS) {
    const found = pattern.exec(english);
    if (found !== null) return chinese(...found.slice(1));
  }
  return english;
}

/** Lines that nobody knows, as of a stack, stay as they are. */
export function failureZh(english: string): string {
  return english.split('\n').map(lineZh).join('\n');
}

/** What the engine says is several sentences long and stands by itself or after those of the session. */
function lineZh(english: string): string {
  const reason = reasonZh(english);
  if (reason !== null) return reason;
  const [, first = english, rest = ''] = /^(.*?[.!?])\s+(.*)$/.exec(english) ?? [];
  const said = sentenceZh(first);
  if (rest === '') return said;
  return `${said}${said.endsWith('。') ? '' : ' '}${lineZh(rest)}`;
}
