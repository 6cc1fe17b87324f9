package io.penstock.http;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.error.ErrorCode;
import io.vertx.core.http.HttpServerResponse;
import jakarta.ws.rs.core.Response;
import java.util.Map;

/** An error as RFC 9457 has it, with the stable code beside. */
final class Problem {
    static final String MEDIA_TYPE = "application/problem+json";
    private static final int RETRY_SECONDS = 1;
    private static final int DETAILED = 100;

    /** The reason phrases of RFC 9110 and RFC 6585, and nginx' for a caller that went away. */
    private static final Map<Integer, String> TITLES = Map.ofEntries(
            Map.entry(400, "Bad Request"),
            Map.entry(401, "Unauthorized"),
            Map.entry(403, "Forbidden"),
            Map.entry(404, "Not Found"),
            Map.entry(405, "Method Not Allowed"),
            Map.entry(406, "Not Acceptable"),
            Map.entry(408, "Request Timeout"),
            Map.entry(409, "Conflict"),
            Map.entry(410, "Gone"),
            Map.entry(413, "Content Too Large"),
            Map.entry(414, "URI Too Long"),
            Map.entry(415, "Unsupported Media Type"),
            Map.entry(422, "Unprocessable Content"),
            Map.entry(429, "Too Many Requests"),
            Map.entry(431, "Request Header Fields Too Large"),
            Map.entry(499, "Client Closed Request"),
            Map.entry(500, "Internal Server Error"),
            Map.entry(502, "Bad Gateway"),
            Map.entry(503, "Service Unavailable"),
            Map.entry(504, "Gateway Timeout"));

    private Problem() {}

    /** In the form that callers of a path look for. */
    static Response at(String path, ErrorCode code, String detail) {
        if (OpenAiError.isFor(path)) {
            return OpenAiError.response(code, detail, null);
        }
        return AccessFilter.isRegistry(path) ? forRegistry(code, detail) : response(code, detail);
    }

    static Response response(ErrorCode code, String detail) {
        return response(code.status(), code.code(), detail);
    }

    static Response response(int status, String code, String detail) {
        return response(status, code, body(status, code, detail));
    }

    /** @param body with whatever members it has besides those of every problem */
    static Response response(ErrorCode code, ObjectNode body) {
        return response(code.status(), code.code(), body);
    }

    /** For a path of the embedded registry, whose clients look for Confluent's members. */
    static Response forRegistry(ErrorCode code, String detail) {
        ObjectNode body = body(code.status(), code.code(), detail)
                .put("error_code", code.status() * DETAILED + (code.status() == 401 ? 1 : 0))
                .put("message", detail);
        return response(code.status(), code.code(), body);
    }

    static String title(int status) {
        return TITLES.getOrDefault(status, "Error");
    }

    static ObjectNode body(int status, String code, String detail) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("type", "about:blank")
                .put("title", title(status))
                .put("status", status)
                .put("code", code)
                .put("detail", detail);
    }

    /** Writes a response to a call that no resource answers. */
    static void write(Response problem, HttpServerResponse to) {
        to.setStatusCode(problem.getStatus());
        problem.getStringHeaders().forEach((name, values) -> to.putHeader(name, values.getFirst()));
        var _ = to.end(String.valueOf(problem.getEntity()));
    }

    private static Response response(int status, String code, ObjectNode body) {
        return withHeaders(Response.status(status), status, code)
                .type(MEDIA_TYPE)
                .entity(body)
                .build();
    }

    /** Says when to ask again, and how to show the key. */
    static Response.ResponseBuilder withHeaders(Response.ResponseBuilder response, int status, String code) {
        if (status == 429 || status == 503) {
            response.header("Retry-After", RETRY_SECONDS);
        }
        if (status == 401) {
            String wrong = code.equals(ErrorCode.KEY_WRONG.code()) ? ", error=\"invalid_token\"" : "";
            response.header("WWW-Authenticate", "Bearer realm=\"penstock\"" + wrong);
        }
        return response;
    }
}
