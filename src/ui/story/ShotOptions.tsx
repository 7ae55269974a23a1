import type { SessionDocument } from '../../session/document.ts';
import { leastSeconds, mostSeconds, shotMarks, type Shot } from '../../session/story.ts';
import { canMake } from '../abilities.ts';
import { useMessages } from '../messages/useMessages.ts';
import { useActions, usePage } from '../page.ts';
import { NumberField } from '../parts/NumberField.tsx';
import { Popover } from '../parts/Popover.tsx';
import { ClipForm } from './ClipForm.tsx';
import { deleteClip, makeClip, shotName, toggleLeftOut } from './film.ts';

interface ShotOptionsProps {
  readonly document: SessionDocument;
  readonly shot: Shot;
}

/** What one may say of the shot in sight. */
export function ShotOptions({ document, shot }: ShotOptionsProps) {
  const page = usePage();
  const actions = useActions();
  const m = useMessages();
  const { story } = m;
  const { place, seconds, isLeftOut, turn, frames, isBetween } = shot;
  const name = shotName(m, shot);
  const isClip = frames.length > 1;
  return (
    <div className="shot-options" role="group" aria-label={name}>
      <b>{name}</b>
      <span className="field-line">
        <span aria-hidden="true">{story.staysShort}</span>
        <NumberField
          key={place}
          label={story.stays(name)}
          isLabelShown={false}
          value={seconds}
          min={leastSeconds}
          max={mostSeconds}
          step={0.25}
          onChange={(value) => {
            // What is as it would be anyway needs no mark.
            if (value !== seconds || shotMarks(document, place).seconds !== null) {
              actions.markShot(place, { seconds: value });
            }
          }}
        />
        <span aria-hidden="true">s</span>
      </span>
      <button
        type="button"
        className="word-button"
        title={isLeftOut ? undefined : story.leaveOutTitle}
        onClick={() => toggleLeftOut(page, shot)}
      >
        {isLeftOut ? story.putBack : story.leaveOut}
      </button>
      <button
        type="button"
        className="word-button"
        onClick={() => {
          actions.goTo(place);
          page.view.setState({ mode: 'edit' });
        }}
      >
        {story.openInEdit}
      </button>
      {isBetween && turn !== null && (
        <button type="button" className="word-button" onClick={() => deleteClip(page, shot)}>
          {story.deleteClip}
        </button>
      )}
      {isClip &&
        turn !== null &&
        (canMake(page.offer, 'clip-edit') ? (
          <Popover label={story.editClip} title={story.editClipTitle}>
            <ClipForm
              key={place}
              label={story.clipChange}
              hint={story.wholeClipHint}
              mayBeWordless={false}
              hasCount={false}
              act={story.makes['clip-edit']}
              onMake={(words) => makeClip(page, turn.id, { kind: 'clip-edit' }, words)}
            />
          </Popover>
        ) : (
          <span className="quiet small">{story.unable['clip-edit']}</span>
        ))}
    </div>
  );
}
