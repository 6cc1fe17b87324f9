package io.penstock.http;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.error.ErrorCode;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import org.jspecify.annotations.Nullable;

/** An error as OpenAI's API has it, with the stable code as its {@code code}: what the paths below {@code /v1} answer. */
public final class OpenAiError {
    /** Heeded by the official clients before all else. */
    static final String SHOULD_RETRY = "x-should-retry";

    private OpenAiError() {}

    static boolean isFor(String path) {
        return path.equals("/v1") || path.startsWith("/v1/");
    }

    /** @param param the parameter that is at fault, if one is */
    public static Response response(ErrorCode code, String detail, @Nullable String param) {
        return response(code.status(), code.code(), detail, param);
    }

    /**
     * OpenAI's clients ask again by themselves after any 5xx. After a timeout the same question would be answered twice and take as long
     * once more, so they are told not to.
     *
     * @param param the parameter that is at fault, if one is
     */
    public static Response response(int status, String code, String detail, @Nullable String param) {
        Response.ResponseBuilder response = Problem.withHeaders(Response.status(status), status, code);
        if (status == 504) {
            response.header(SHOULD_RETRY, false);
        }
        return response.type(MediaType.APPLICATION_JSON_TYPE)
                .entity(body(status, code, detail, param))
                .build();
    }

    /** {@code {"error":{"message","type","param","code"}}}. */
    public static ObjectNode body(int status, String code, String detail, @Nullable String param) {
        ObjectNode body = JsonNodeFactory.instance.objectNode();
        body.putObject("error")
                .put("message", detail)
                .put("type", type(status))
                .put("param", param)
                .put("code", code);
        return body;
    }

    private static String type(int status) {
        if (status == 429) {
            return "rate_limit_error";
        }
        return status < 500 ? "invalid_request_error" : "server_error";
    }
}
