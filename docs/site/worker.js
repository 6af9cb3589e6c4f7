// Browsers start no worker for a page that is opened as a file. The search of
// mkdocs-material then gets a frame that does the worker's work.
if (location.protocol === "file:")
  window.Worker = class extends EventTarget {
    constructor(url) {
      super()
      const frame = document.createElement("iframe")
      frame.hidden = true
      document.body.append(frame)
      window.fromWorker = data =>
        this.dispatchEvent(new MessageEvent("message", { data }))
      this.loaded = new Promise(resolve => {
        window.workerLoaded = () => resolve(frame.contentWindow)
      })
      const page = frame.contentDocument
      page.open()
      page.write(
        "<script>postMessage = data => parent.fromWorker(data);" +
        "importScripts = () => {}</script>" +
        `<script src="${url}"></script><script>parent.workerLoaded()</script>`
      )
      page.close()
    }
    postMessage(data) {
      this.loaded.then(worker =>
        worker.dispatchEvent(new worker.MessageEvent("message", { data })))
    }
    terminate() {}
  }
