package io.penstock.it;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpHeaders;

/**
 * What a call was answered with.
 *
 * @param body missing when there was none, a text when it was not JSON
 */
record Answer(int status, JsonNode body, HttpHeaders headers) {
    /** The stable code of a problem; empty when the answer is none. */
    String code() {
        return body.path("code").asText();
    }

    String detail() {
        return body.path("detail").asText();
    }
}
