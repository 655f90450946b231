// Escape says no to cookies, as it closes any question: it presses the banner's own button, and works only while it asks.
document.addEventListener("keydown", (event) => {
  const no = document.querySelector("#cookie-banner [data-no]");
  if (event.key !== "Escape" || event.defaultPrevented || event.isComposing || !no) return;
  // Who is typing means the field: Escape empties a search or closes a list there.
  if (event.target.closest("input, textarea, select, dialog[open]")) return;
  event.preventDefault();
  no.click();
});
