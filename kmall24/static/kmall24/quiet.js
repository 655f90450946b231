// The store keeps nothing in the browser's own storage (clause cookies.nothing-else). htmx would write the address of each
// page into the session storage; it asks first whether it may, and this is the answer.
for (const storage of ["sessionStorage", "localStorage"]) {
  Object.defineProperty(window, storage, {
    get() {
      throw new DOMException("This store keeps nothing here.", "SecurityError");
    },
  });
}
