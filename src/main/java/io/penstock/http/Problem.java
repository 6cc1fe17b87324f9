package io.penstock.http;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.error.ErrorCode;
import jakarta.ws.rs.core.Response;

/** An error as RFC 9457 has it, with the stable code beside. */
final class Problem {
    static final String MEDIA_TYPE = "application/problem+json";
    private static final int RETRY_SECONDS = 1;

    private Problem() {}

    static Response response(ErrorCode code, String detail) {
        return response(code.status(), code.code(), detail);
    }

    static Response response(int status, String code, String detail) {
        Response.StatusType type = Response.Status.fromStatusCode(status);
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.put("type", "about:blank");
        body.put("title", type == null ? "Error" : type.getReasonPhrase());
        body.put("status", status);
        body.put("code", code);
        body.put("detail", detail);
        Response.ResponseBuilder response =
                Response.status(status).type(MEDIA_TYPE).entity(body);
        if (status == 429 || status == 503) {
            response.header("Retry-After", RETRY_SECONDS);
        }
        if (status == 401) {
            response.header("WWW-Authenticate", "Bearer realm=\"penstock\"");
        }
        return response.build();
    }
}
