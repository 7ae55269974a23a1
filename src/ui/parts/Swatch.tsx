/** The sign of a region: orange with stripes that lean like a slash, so that slant tells it as well as colour. */
export function Swatch() {
  return (
    <svg className="swatch" viewBox="0 0 20 20" aria-hidden="true">
      <path d="M0 0h20v20H0z" fill="var(--pic-now)" />
      <path d="M-4 12L12-4M0 20L20 0M8 24L24 8" stroke="var(--on-pic-light)" strokeWidth="3" />
    </svg>
  );
}
