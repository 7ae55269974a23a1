/** The first page in simplified Chinese. */
import type { firstEn } from './firstEn.ts';
import { numberOf } from './scriptZh.ts';

export const firstZh: typeof firstEn = {
  start: '开始',
  begin: '从这里开始',
  title: '一句话，改一次图片',
  lead: '每一轮都建立在之前所有轮次之上：您写的文字、已有的图片和您画的区域。模型在您自己的设备上运行，什么都不会上传。',
  englishOnly: '模型只懂英文：请用英文写想要的修改，示例也都是英文。',
  device: '本设备',
  noGpu: {
    'turned-off': '已在网址中关闭',
    'not-offered': '此浏览器不支持',
    insecure: '需要 https',
    'no-adapter': '没有可用的显卡',
  },
  trial: {
    trying: '正在试验本设备的能力。',
    graphics: (download, card, memory) =>
      `加载将取得 ${download}；之后的修改在显卡（${card}）上运行，它在试验中给出了 ${memory} 显存，计算也正确。`,
    processor: (download, why) => `加载将取得 ${download}；之后的修改在处理器上运行，时间较长，因为${why}。`,
    nowhere: (why) => `这个模型无法在此运行：它需要显卡，而${why}。`,
    reasons: {
      'turned-off': '网址中关闭了显卡',
      'no-device': '浏览器没有提供显卡',
      'little-memory': '显卡给出的显存太少',
      'wrong-results': '显卡在试验中计算有误',
    },
  },
  processor: '处理器',
  processorNote: '可通过 WASM 运行，较慢',
  storage: '存储空间',
  needed: (size) => `需要 ${size}`,
  free: (size) => `可用 ${size}`,
  whatChanges: '想改变什么？',
  triesLabel: '示例：点击会打开相应场景并填入文字',
  scenes: '从一个场景开始',
  scenesNote: '与模型学过的图片画法相同，并附有示例',
  words: '或者从文字开始',
  wordsTile: '想画一张怎样的图片？',
  wordsLabel: '描述：点击会新建会话并填入文字',
  own: '或者用自己的图片',
  drop: '把图片拖到页面任意位置，或直接粘贴',
  goOn: (name) => `继续“${name}”`,
  examples: '打开一个完成的例子',
  examplesNote: '现在就能看，不必先加载模型',
  exampleHolds: (turnCount, size) => `${numberOf(turnCount)} 轮，${size}`,
  plain: '简单说明',
  runs: '什么在哪里运行',
  runsText:
    '一切都在这个浏览器里、在这台设备上运行：模型通过 WebGPU 用显卡计算，没有显卡时用处理器。您的文字、图片和区域不会发送到任何地方。本站只提供页面和模型。',
  keeps: '保存了什么',
  keepsText:
    '您工作时，会话连同每一张图片和每一个区域都保存在此浏览器中；模型加载之后也保存在这里。之后没有网络也能打开。别处没有副本：需要时请保存会话文件。',
  keepsLink: '查看和删除保存的内容',
  knows: '模型认识什么',
  kinds: {
    objects: (count) => `${numberOf(count)} 种物体`,
    backgrounds: (count) => `${numberOf(count)} 种背景`,
    styles: (count) => `${numberOf(count)} 种画风`,
    lights: (count) => `${numberOf(count)} 种光线`,
  },
  knowsText: (kinds) => `这个模型很小，由本项目用绘制的场景训练：${kinds.join('、')}。它不认识照片。`,
  knowsWords: '它认识的全部词（英文）',
  knowsLink: '它能做到什么（附实测数字）',
};
