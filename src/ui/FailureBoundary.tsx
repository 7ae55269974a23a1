import { Component, type ReactNode } from 'react';

import { en } from './messages/en.ts';
import { messagesOf } from './messages/useMessages.ts';
import { PageContext, type Page } from './page.ts';

interface FailureBoundaryProps {
  readonly children: ReactNode;
}

/** When the page itself breaks, the work must still leave it: the session can be saved from here. */
export class FailureBoundary extends Component<FailureBoundaryProps, { readonly error: Error | null }> {
  static override readonly contextType = PageContext;
  override state: { readonly error: Error | null } = { error: null };

  static getDerivedStateFromError(error: unknown) {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  override render() {
    const { error } = this.state;
    if (error === null) return this.props.children;
    const page = this.context as Page | null;
    const m = page === null ? en : messagesOf(page.view);
    const save = (): void => {
      const file = page?.editor.actions.exportFile() ?? null;
      if (file !== null) page?.saveFile(file);
    };
    return (
      <div className="notice" role="alert">
        <div>
          <h2>{m.app.broke}</h2>
          <p>{m.app.brokeSafe}</p>
          <details>
            <summary>{m.details}</summary>
            <pre>{error.stack ?? error.message}</pre>
          </details>
        </div>
        <div className="notice-actions">
          <button type="button" className="act" onClick={save}>
            {m.saveSessionFile}
          </button>
          <button type="button" className="word-button" onClick={() => window.location.reload()}>
            {m.app.loadAgain}
          </button>
        </div>
      </div>
    );
  }
}
