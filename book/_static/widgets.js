// The widget embedder sets labels through MathJax 2's queue and fails where MathJax 3 stands in its place (no `Hub`).
// This hands such calls on to MathJax 3. It runs after the inline configuration and before MathJax itself, which is deferred.
(() => {
  const hub = {
    Queue(...calls) {
      for (const [action, , element] of calls) {
        if (action === "Typeset" && window.MathJax.startup?.promise) {
          window.MathJax.startup.promise.then(() => window.MathJax.typesetPromise([element]));
        }
      }
    },
  };
  const config = (window.MathJax = window.MathJax || {});
  config.Hub = hub;
  config.startup = {
    ...config.startup,
    ready() {
      window.MathJax.Hub = hub;
      window.MathJax.startup.defaultReady();
    },
  };
})();
