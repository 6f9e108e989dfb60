// The texts of a page's drawings, each with its contrast to what is painted beneath its middle.
() => {
  const channels = (colour) => colour.match(/[\d.]+/g).map(Number);

  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((channel) => {
      const share = channel / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };

  // Red, green, blue, and how much of what lies beneath is hidden.
  const paint = (element) => {
    const style = getComputedStyle(element);
    const drawn = element instanceof SVGElement && !(element instanceof SVGSVGElement);
    const colour = drawn ? style.fill : style.backgroundColor;
    if (colour === "none") return [0, 0, 0, 0];
    const [r, g, b, alpha = 1] = channels(colour);
    return [r, g, b, alpha * style.opacity * (drawn ? style.fillOpacity : 1)];
  };

  const over = ([r, g, b, alpha], beneath) =>
    [r, g, b].map((channel, place) => alpha * channel + (1 - alpha) * beneath[place]);

  const isBeneath = (element, text) =>
    !element.closest("text")
    && !(text.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_FOLLOWING);

  const contrast = (text) => {
    text.scrollIntoView({ block: "center", inline: "center" });
    const box = text.getBoundingClientRect();
    const at = [box.x + box.width / 2, box.y + box.height / 2];
    const stack = document.elementsFromPoint(...at).filter((one) => isBeneath(one, text));
    const ground = stack.reverse().reduce((below, one) => over(paint(one), below), [255, 255, 255]);
    const [low, high] = [over(paint(text), ground), ground].map(luminance).sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };

  return [...document.querySelectorAll("figure svg text")]
    .map((text) => [text.textContent, contrast(text)]);
}
