// `--hooks`: the application's words in a request. Headers of its own (X-Initial once a session, X-Every on all); in the query:
// `deny` refuses, with its value as the text when it has one; `later=MS` lets the decision wait; `check=end|fail|header` is a middleware.
export const hook = {
  options: (values) =>
    values.hooks
      ? {
          allowRequest: (request, decide) => {
            const query = new URL(request.url, "http://x").searchParams;
            const deny = query.get("deny");
            const answer = () => (deny === null ? decide(null, true) : decide(deny || undefined, false));
            if (query.has("later")) setTimeout(answer, Number(query.get("later")));
            else answer();
          },
        }
      : {},
  headers(engine, values) {
    engine.on("connection_error", ({ code, message, context }) => {
      console.error(`refused: ${code} ${message}${context?.name ? ` ${context.name}` : ""}`);
    });
    if (!values.hooks) return;
    engine.on("initial_headers", (headers) => (headers["X-Initial"] = "1"));
    engine.on("headers", (headers) => (headers["X-Every"] = "1"));
    engine.use((request, response, next) => {
      const check = new URL(request.url, "http://x").searchParams.get("check");
      if (check === "fail") return next(new Error("failed"));
      if (check === "end") {
        response.writeHead(202, { "Content-Type": "text/plain" });
        return response.end("by the middleware");
      }
      if (check === "header") response.setHeader("X-Check", "1");
      next();
    });
  },
};
