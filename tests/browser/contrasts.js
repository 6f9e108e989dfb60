// The texts of a page that can be seen, each with its contrast to what is painted beneath it.
() => {
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((channel) => {
      const share = channel / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };

  const isDrawn = (element) => element instanceof SVGElement && !(element instanceof SVGSVGElement);

  // Red, green, blue, and how much of what lies beneath is hidden.
  const channels = (colour, opacity) => {
    if (colour === "none") return [0, 0, 0, 0];
    const [r, g, b, alpha = 1] = colour.match(/[\d.]+/g).map(Number);
    return [r, g, b, alpha * opacity];
  };

  const surface = (element) => {
    const { fill, fillOpacity, backgroundColor, opacity } = getComputedStyle(element);
    return isDrawn(element)
      ? channels(fill, fillOpacity * opacity)
      : channels(backgroundColor, opacity);
  };

  const ink = (element) => {
    const { fill, fillOpacity, color, opacity } = getComputedStyle(element);
    return isDrawn(element) ? channels(fill, fillOpacity * opacity) : channels(color, opacity);
  };

  const over = ([r, g, b, alpha], beneath) =>
    [r, g, b].map((channel, place) => alpha * channel + (1 - alpha) * beneath[place]);

  const isBeneath = (element, written) =>
    !element.closest("svg text")
    && (element.contains(written)
      || !(written.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_FOLLOWING));

  // Where the first line of a text is, once it is scrolled into view.
  const middle = (text) => {
    text.parentElement.scrollIntoView({ block: "start", inline: "nearest" });
    const line = document.createRange();
    line.selectNodeContents(text);
    const box = line.getClientRects()[0];
    return [box.x + box.width / 2, box.y + box.height / 2];
  };

  const contrast = (text) => {
    const written = text.parentElement;
    const stack = document.elementsFromPoint(...middle(text));
    if (!isDrawn(written) && !stack.includes(written)) return null; // for screen readers alone
    const beneath = stack.filter((element) => isBeneath(element, written)).reverse();
    const ground = beneath.reduce((below, one) => over(surface(one), below), [255, 255, 255]);
    const [low, high] = [over(ink(written), ground), ground].map(luminance).sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };

  const texts = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode;
    if (text.data.trim() && text.parentElement.checkVisibility()) texts.push(text);
  }
  return texts
    .map((text) => [text.data.trim(), contrast(text)])
    .filter(([, found]) => found !== null);
}
