/** The story as the page shows and plays it. */
import type { EditorActions } from '../../session/actions.ts';
import type { NodeId, SessionDocument } from '../../session/document.ts';
import { selectDocument } from '../../session/selectors.ts';
import { isPlayed, storyOf, type Shot } from '../../session/story.ts';
import { placeTitle } from '../canvas/turnLine.ts';
import type { Messages } from '../messages/en.ts';
import { messagesOf } from '../messages/useMessages.ts';
import type { Page } from '../page.ts';
import { chooseMode, speak, type Mode } from '../view.ts';
import { play, type PlayerAction, type TimedShot } from './player.ts';

interface Film {
  readonly shots: readonly Shot[];
  readonly timed: readonly TimedShot[];
}

/** Worked out once for each document, because a film that plays asks for it at every frame of the screen. */
const films = new WeakMap<SessionDocument, Film>();

export function shotKey(place: NodeId): string {
  return place ?? 'start';
}

export function filmOf(document: SessionDocument): Film {
  const known = films.get(document);
  if (known !== undefined) return known;
  const shots = storyOf(document);
  const timed = shots.map((shot) => ({
    key: shotKey(shot.place),
    frames: shot.frames.length,
    ms: shot.seconds * 1000,
    isPlayed: isPlayed(shot),
  }));
  const film = { shots, timed };
  films.set(document, film);
  return film;
}

/** "Shot 3", or what a clip stands between. */
export function shotName({ story }: Messages, { number, isBetween }: Shot): string {
  return isBetween ? story.clipBetween(number, number + 1) : story.shot(number);
}

/** Its words, or the name of the start. */
export function shotWords(messages: Messages, { place, number, turn, frames }: Shot): string {
  return placeTitle(messages, { id: place, number, turn, picture: frames[0] ?? null });
}

/** False outside the story, and where there is no session. */
export function runPlayer({ editor, view }: Pick<Page, 'editor' | 'view'>, action: PlayerAction): boolean {
  const document = selectDocument(editor.state.getState());
  if (document === null || view.getState().mode !== 'story') return false;
  const { timed } = filmOf(document);
  view.setState(({ player }) => ({ player: play(player, timed, action) }));
  return true;
}

/** Edit or story. The story opens at the turn one stands on, which is its last shot; a turn that failed is none. */
export function showMode(page: Pick<Page, 'editor' | 'view'>, mode: Mode): void {
  chooseMode(page.view, mode);
  const document = selectDocument(page.editor.state.getState());
  const last = document === null ? undefined : filmOf(document).shots.at(-1);
  if (last !== undefined) runPlayer(page, { kind: 'show', shot: shotKey(last.place) });
}

/** Takes a shot out of the story or puts it back, and says so. */
export function toggleLeftOut({ editor, view }: Page, shot: Shot): void {
  editor.actions.markShot(shot.place, { isLeftOut: !shot.isLeftOut });
  const messages = messagesOf(view);
  const name = shotName(messages, shot);
  speak(view, shot.isLeftOut ? messages.story.nowBack(name) : messages.story.nowLeftOut(name));
}

/** Makes a clip and brings it into sight; false when it was refused. */
export function makeClip(page: Page, ...asked: Parameters<EditorActions['makeClip']>): boolean {
  const id = page.editor.actions.makeClip(...asked);
  return id !== null && runPlayer(page, { kind: 'show', shot: shotKey(id) });
}

/** Deletes the clip of a shot; what stands in its place comes into sight. */
export function deleteClip(page: Page, { place }: Shot): void {
  const { actions, state } = page.editor;
  const filmNow = (): Film | null => {
    const document = selectDocument(state.getState());
    return document === null ? null : filmOf(document);
  };
  const at = filmNow()?.shots.findIndex((shot) => shot.place === place) ?? -1;
  if (place === null || at < 0) return;
  actions.deleteTurn(place);
  const next = filmNow()?.shots[at];
  if (next !== undefined) runPlayer(page, { kind: 'show', shot: shotKey(next.place) });
}
