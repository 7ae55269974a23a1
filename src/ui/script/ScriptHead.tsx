import { useState } from 'react';

import type { SessionDocument } from '../../session/document.ts';
import { useMessages } from '../messages/useMessages.ts';
import { useActions, usePage } from '../page.ts';
import { Icon } from '../parts/Icon.tsx';
import { isComposing } from '../shortcuts.ts';
import { useKeyTitle } from '../useKeyText.ts';

interface ScriptHeadProps {
  readonly document: SessionDocument;
  /** Null while nothing is searched. */
  readonly query: string | null;
  readonly onQuery: (query: string | null) => void;
}

/** The name of the session, its length, and the way to search in it. */
export function ScriptHead({ document, query, onQuery }: ScriptHeadProps) {
  const { view } = usePage();
  const actions = useActions();
  const { turns, script: m } = useMessages();
  const searchTitle = useKeyTitle(m.search, 'search');
  const [isNaming, setIsNaming] = useState(false);
  return (
    <div className="script-head">
      {isNaming ? (
        <input
          className="text-input"
          aria-label={m.sessionName}
          defaultValue={document.name}
          ref={(input) => input?.focus()}
          onBlur={(event) => {
            if (event.target.value.trim() !== '') actions.renameSession(event.target.value.trim());
            setIsNaming(false);
          }}
          onKeyDown={(event) => {
            if (isComposing(event.nativeEvent)) return;
            if (event.key === 'Enter') event.currentTarget.blur();
            if (event.key === 'Escape') setIsNaming(false);
          }}
        />
      ) : (
        <>
          <h1>{document.name}</h1>
          <span className="quiet small">{turns(document.turns.length)}</span>
          <button
            type="button"
            id="search-turns"
            className="icon-button push"
            aria-label={query === null ? m.search : m.closeSearch}
            title={query === null ? searchTitle : m.closeSearch}
            aria-expanded={query !== null}
            onClick={() => onQuery(query === null ? '' : null)}
          >
            <Icon name="search" />
          </button>
          <button
            type="button"
            className="icon-button"
            aria-label={m.rename}
            title={m.rename}
            onClick={() => setIsNaming(true)}
          >
            <Icon name="pen" />
          </button>
        </>
      )}
      <button
        type="button"
        className="icon-button script-close"
        aria-label={m.closeTurns}
        onClick={() => view.setState({ isTreeOpen: false })}
      >
        <Icon name="close" />
      </button>
    </div>
  );
}

interface SearchBoxProps {
  readonly query: string;
  readonly found: number;
  readonly onQuery: (query: string | null) => void;
}

export function SearchBox({ query, found, onQuery }: SearchBoxProps) {
  const { script: m } = useMessages();
  const isAsking = query.trim() !== '';
  return (
    <div className="turn-search" role="search">
      <input
        className="text-input"
        id="turn-search"
        type="search"
        aria-label={m.search}
        placeholder={m.search}
        value={query}
        ref={(input) => {
          // Once, when the box appears: later the tree may have the focus.
          if (input !== null && query === '') input.focus();
        }}
        onChange={(event) => onQuery(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Escape' || isComposing(event.nativeEvent)) return;
          event.preventDefault();
          event.stopPropagation();
          onQuery(null);
          document.getElementById('search-turns')?.focus();
        }}
      />
      <p className="quiet small" role="status">
        {isAsking && (found === 0 ? m.noneSays(query.trim()) : m.found(found))}
      </p>
      {isAsking && found === 0 && (
        <button type="button" className="word-button is-edged" onClick={() => onQuery(null)}>
          {m.clearSearch}
        </button>
      )}
    </div>
  );
}
