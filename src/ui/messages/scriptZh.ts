/** What the script says in simplified Chinese. */
import type { scriptEn } from './scriptEn.ts';

export const numberOf = (count: number): string => count.toLocaleString('zh-CN');
export const turns = (count: number): string => `${numberOf(count)}\u00a0轮`;
export const pictures = (count: number): string => `${numberOf(count)}\u00a0张图片`;

export const scriptZh: typeof scriptEn = {
  composer: {
    addToQueue: '加入队列',
    makeEdits: (count) => (count === 1 ? '修改图片' : `做出 ${count} 种修改`),
    makePictures: (count) => (count === 1 ? '画出图片' : `画出 ${count} 张图片`),
    fromWords: '从文字开始',
    wholePicture: '整张图片',
    inRegion: '在区域内',
    drawn: (share) => `手绘，${share}`,
    fromTo: '从这里到那里',
    byDragging: '拖动',
    was: '原为：',
    leaveIt: '不改了',
    anotherFirst: '另一张首图',
    theFirst: '第一张图片',
    waitsFor: (number) => `等待第 ${number} 轮`,
    newBranch: (number) => `从第 ${number} 轮分出新分支`,
    orDraw: '也可以在图上画一个区域',
    whatShows: '想画一张怎样的图片',
    whatShowsHint: '想画一张怎样的图片？请用英文写',
    whatChanges: '想改变什么',
    whatChangesHint: '想改变什么？请用英文写',
    andThen: '接下来呢？这一轮进行时就可以写下一轮（英文）。',
    unknown: (words) =>
      `模型不认识${words.map((word) => `“${word}”`).join('、')}，可能会忽略${words.length === 1 ? '它' : '它们'}。模型只懂英文。`,
    needsPicture: '这个模型需要先有一张图片。',
    examplesLabel: '示例：点击只填入文字，不会执行',
    seesWords: '只参考您写的文字',
    seesStart: '参考起始图片',
    sees: (turnCount, pictureCount, regionCount) =>
      `参考 ${turns(turnCount)}、${pictures(pictureCount)}${regionCount === 0 ? '' : `、${numberOf(regionCount)}\u00a0个区域`}`,
    steps: '步数',
    ways: '做几种',
    keepSeed: '固定种子',
    seedIsNew: '每次修改都用新的种子；按下可固定一个',
    seedIsKept: '种子已固定；按下则每次换新',
    seed: '种子',
    newSeed: '新种子',
  },

  script: {
    branch: '此分支的各轮',
    turns: '各轮',
    closeTurns: '关闭各轮列表',
    sessionName: '会话名称',
    rename: '给会话改名',
    row: (number, words) => `第 ${number} 轮：${words}`,
    fold: '收起',
    unfold: '展开',
    otherBranch: (count) => `另一分支，${turns(count)}`,
    branchTo: (count, words) => `${turns(count)}，直到：${words}`,
    waits: '排队中',
    starting: '正在开始',
    cancelled: '已取消，文字保留',
    cancelledRegion: '已取消，文字和区域保留',
    notMade: (why) => `未完成：${why}`,
    madeInRegion: (time) => `在区域内，${time}`,
    tryAgain: '再试一次',
    reword: '改写',
    rewordTitle: '改写文字；原来的一轮会留作分支（F2）',
    unqueue: '移出队列',
    deleteTitle: '删除这一轮及其后各轮；可以撤销（Del）',
  },
};
