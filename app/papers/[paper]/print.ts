/** @file Printing: on paper everything is light, and the figures, which are drawn with colours, have to be drawn anew first. */

const frames = (count: number): Promise<void> =>
  new Promise((resolve) => requestAnimationFrame(() => (count > 1 ? void frames(count - 1).then(resolve) : resolve())));

export async function print(): Promise<void> {
  const { dataset } = document.documentElement;
  const theme = dataset.theme;
  const redraw = () => window.dispatchEvent(new Event('plateau:theme'));
  dataset.theme = 'light';
  redraw();
  await frames(20); // React, then Plotly, draw in the frames that follow
  window.print();
  if (theme === undefined) delete dataset.theme;
  else dataset.theme = theme;
  redraw();
}
