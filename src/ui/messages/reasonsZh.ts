/**
 * What the engine says of failures, in simplified Chinese. Failures are kept with their turns as English sentences, so
 * each reason is known by its sentence.
 */
import type { EngineReason } from '../../runtime/contract.ts';

type Pattern = readonly [english: RegExp, chinese: (...values: readonly string[]) => string];

const PARTS_ZH: Readonly<Record<string, string>> = { picture: '图片', mask: '区域' };

/** Codes of tasks, as a manifest names them, are left as they are. */
const list = (codes: string): string => codes.replaceAll(' or ', ' 或 ').replaceAll(', ', '、');

const REASONS_ZH: Readonly<Record<EngineReason, Pattern>> = {
  'edit-cancelled': [/^The edit was cancelled\.$/, () => '修改已取消。'],
  'loading-stopped': [
    /^Loading was stopped\. What has arrived is kept; load the model again to go on\.$/,
    () => '加载已停止。已收到的部分都已保留，再次加载模型即可继续。',
  ],
  'model-closed': [/^The model was closed\.$/, () => '模型已关闭。'],

  'device-stopped': [
    /^The graphics device stopped\. Restart the model to go on; nothing of the session is lost\.$/,
    () => '显卡停止了工作。重新启动模型即可继续，会话没有任何丢失。',
  ],
  'worker-stopped': [
    /^The part of the page that runs the model stopped\. Restart the model to go on\.$/,
    () => '页面中运行模型的部分停止了。重新启动模型即可继续。',
  ],
  'model-not-running': [
    /^The model is not running\. Load or restart it first\.$/,
    () => '模型没有在运行。请先加载或重新启动它。',
  ],
  'model-restarted': [
    /^The model was restarted before this was finished\. Run it again\.$/,
    () => '完成之前模型被重新启动了。请再做一次。',
  ],

  'download-failed': [
    /^(\S+) could not be downloaded\. Check the connection and try again\.$/,
    (file) => `无法下载 ${file}。请检查网络后重试。`,
  ],

  'chunk-damaged': [
    /^(\S+) arrived damaged and was not used\. Load the page again, in case there is a newer version; if it stays, the server's copy is damaged\.$/,
    (file) =>
      `${file} 在传输中损坏，没有使用。请重新载入页面，也许已有新版本；若仍如此，则是服务器上的文件已损坏。`,
  ],
  'file-unreadable': [
    /^(\S+) could not be read back from the browser's storage\. Load the model again\.$/,
    (file) => `无法从浏览器的存储中读回 ${file}。请重新加载模型。`,
  ],
  'json-invalid': [
    /^(\S+) of the model is not valid JSON\. Reload the page; if it stays, the server's copy is damaged\.$/,
    (file) => `模型的 ${file} 不是有效的 JSON。请重新载入页面；若仍如此，则是服务器上的文件已损坏。`,
  ],
  'manifest-newer': [
    /^The model's manifest is not valid: version is (\S+); this page reads version 1\. Reload the page to get its newest version\.$/,
    (version) =>
      `模型的清单无效：它的版本是 ${version}，而此页面只能读版本 1。请重新载入页面以取得最新版本。`,
  ],
  'manifest-invalid': [
    /^The model's manifest is not valid: (.+)$/s,
    (problem) => `模型的清单无效：${problem}`,
  ],
  'tokenizer-unknown': [
    /^The model's tokenizer uses (.+), which this page cannot read\. Export the model again with a word-level tokenizer\.$/,
    (part) => `模型的分词器使用了 ${part}，此页面无法读取。请用按词切分的分词器重新导出模型。`,
  ],
  'qk-norm-length': [
    /^The model's qk-norm file has (\d+) bytes instead of (\d+)\.$/,
    (bytes, expected) => `模型的 qk-norm 文件有 ${bytes} 字节，应为 ${expected} 字节。`,
  ],

  'task-untrained': [
    /^This model was not trained for (.+?)\. It can do: (.*)\.$/,
    (tasks = '', known = '') => `这个模型没有为 ${list(tasks)} 训练过。它能做：${list(known)}。`,
  ],
  'session-too-long': [
    /^The session has (\d+) tokens and there is memory for (\d+)\. Leave some earlier frames out\.$/,
    (tokens, most) => `会话有 ${tokens} 个词元，内存只容得下 ${most} 个。请去掉一些较早的图片。`,
  ],
  'memory-too-small': [
    /^The graphics memory is not enough for a session this long\. Leave some earlier frames out, or close other pages\.$/,
    () => '显存不够用于这么长的会话。请去掉一些较早的图片，或关闭其他页面。',
  ],
  'kernels-wrong': [
    /^This graphics device does not compute the attention kernels correctly\.$/,
    () => '这块显卡不能正确计算注意力内核。',
  ],
  'graph-refused': [
    /^The part "(.+)" of the model cannot run here\. Reload the page, or use the WASM backend\.$/,
    (graph) => `模型的“${graph}”部分无法在这里运行。请重新载入页面，或改用 WASM 后端。`,
  ],
  'needs-webgpu': [
    /^(\S+) runs on graphics cards through WebGPU only, and there is none here\. Use a browser with WebGPU\.$/,
    (model) => `${model} 只能通过 WebGPU 在显卡上运行，而这里没有。请使用支持 WebGPU 的浏览器。`,
  ],
  'model-too-large': [
    /^This model is too large to be held in memory, and the browser gives no room to keep it\. Free some disk space, or open the page in a window that is not private; what was kept is not fetched again\.$/,
    () =>
      '这个模型太大，无法放在内存中，而浏览器也没有空间保存它。请腾出一些磁盘空间，或在非隐私窗口中打开页面；已保存的部分不会再次下载。',
  ],

  'model-not-loaded': [
    /^The model is not loaded yet\. Load it first\.$/,
    () => '模型尚未加载。请先加载模型。',
  ],
  'nothing-asked': [/^Write what to change, or draw a region\.$/, () => '请写下想改变什么，或画一个区域。'],
  'region-without-picture': [
    /^A region needs a picture to keep the rest of\. Open or make a picture first\.$/,
    () => '区域需要一张图片，以保留其余部分。请先打开或画出一张图片。',
  ],
  'region-given': [
    /^The region that is asked for is given already\. Leave it out, or ask for what follows it\.$/,
    () => '所要的区域已经给出。请去掉它，或改要它之后的内容。',
  ],
  'seed-invalid': [
    /^The seed (\S+) is not a whole number from 0 to 4294967295\.$/,
    (seed) => `种子 ${seed} 不是 0 到 4294967295 之间的整数。`,
  ],
  'steps-invalid': [
    /^(\S+) steps are not possible\. Choose a whole number from 1 to (\d+)\.$/,
    (steps, most) => `不能用 ${steps} 步。请选择 1 到 ${most} 之间的整数。`,
  ],
  'guidance-invalid': [
    /^Guidance (\S+) is not possible\. Choose a number from 0; 1 means none\.$/,
    (guidance) => `引导强度不能是 ${guidance}。请选择 0 以上的数；1 表示不引导。`,
  ],
  'clip-without-picture': [
    /^The history has no image "(.+)" to make a frame from\. Put it there\.$/,
    (image) => `历史中没有可用来制作帧的图片“${image}”。请把它放进去。`,
  ],
  'clip-end': [
    /^The ends of a clip between two pictures are there already\. Ask for the frames between\.$/,
    () => '两张图片之间的短片，其首尾已经存在。请只要中间的帧。',
  ],
  'clip-outside-history': [
    /^The words, references and regions of a clip belong into its history\. Put them there\.$/,
    () => '短片的文字、参考图片和区域都应放在它的历史中。请把它们放进去。',
  ],
  'clip-frame-invalid': [
    /^A clip has (\S+) to (\S+) frames, counted from 1; frame (\S+) of (\S+) is not one\.$/,
    (least, most, index, count) =>
      `短片有 ${least} 到 ${most} 帧，从 1 数起；没有 ${count} 帧中的第 ${index} 帧。`,
  ],
  'too-many-pictures': [
    /^An edit can refer to at most (\S+) pictures\. Leave some out\.$/,
    (most) => `一次修改最多可以提到 ${most} 张图片。请去掉几张。`,
  ],
  'words-too-long': [
    /^The instruction has (\d+) words and marks; this model reads (\d+)\. Shorten it\.$/,
    (words, most) => `文字共有 ${words} 个词和标点，这个模型最多读 ${most} 个。请缩短一些。`,
  ],
  'size-wrong': [
    /^The (picture|mask) is (\S+) with (\d+) values; the model works on (\S+) \((\d+) values\)\. Scale it first\.$/,
    (what = '', size, values, right, rightValues) =>
      `${PARTS_ZH[what] ?? what}为 ${size}，有 ${values} 个值；模型处理的是 ${right}（${rightValues} 个值）。请先缩放。`,
  ],
  'latent-foreign': [
    /^A picture's latent is not (.+): it was made by another model\. Pass the picture without it\.$/,
    (expected) => `一张图片的潜变量不是 ${expected}：它由另一个模型制作。请不带潜变量传入图片。`,
  ],

  'not-numbers': [
    /^The model made numbers that are none, so no picture was taken from them\. Make it again; if it stays, restart the model\.$/,
    () => '模型算出了无效的数，因此没有取用图片。请再做一次；若仍如此，请重新启动模型。',
  ],
  unknown: [
    /^The model could not finish\. Restart it and try again\.$/,
    () => '模型没能完成。请重新启动它再试。',
  ],
};

/** Null where the engine says no such thing. */
export function reasonZh(english: string): string | null {
  for (const [pattern, chinese] of Object.values(REASONS_ZH)) {
    const found = pattern.exec(english);
    if (found !== null) return chinese(...found.slice(1));
  }
  return null;
}
