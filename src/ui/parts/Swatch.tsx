/** The sign of a region: stripes that lean like a slash for the one as it is, and like a backslash as it will be. */
export function Swatch({ kind = 'now' }: { readonly kind?: 'now' | 'next' }) {
  return (
    <svg className="swatch" viewBox="0 0 20 20" aria-hidden="true">
      <path d="M0 0h20v20H0z" fill={kind === 'now' ? 'var(--pic-now)' : 'var(--pic-next)'} />
      <path
        d="M-4 12L12-4M0 20L20 0M8 24L24 8"
        stroke="var(--on-pic-light)"
        strokeWidth="3"
        transform={kind === 'now' ? undefined : 'matrix(-1 0 0 1 20 0)'}
      />
    </svg>
  );
}
