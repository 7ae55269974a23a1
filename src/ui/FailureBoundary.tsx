import { Component, type ReactNode } from 'react';

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
    const save = (): void => {
      const file = page?.editor.actions.exportFile() ?? null;
      if (file !== null) page?.saveFile(file);
    };
    return (
      <div className="notice" role="alert">
        <div>
          <h2>The page stopped working</h2>
          <p>What was stored on this device is still there. Save a session file, then load the page again.</p>
          <details>
            <summary>Details</summary>
            <pre>{error.stack ?? error.message}</pre>
          </details>
        </div>
        <div className="notice-actions">
          <button type="button" className="act" onClick={save}>
            Save a session file
          </button>
          <button type="button" className="word-button" onClick={() => window.location.reload()}>
            Load the page again
          </button>
        </div>
      </div>
    );
  }
}
