package io.penstock.capture;

import java.net.URI;
import java.net.http.HttpHeaders;

/**
 * What a server answered.
 *
 * @param uri where it was found, after redirects
 * @param headers of the answer
 * @param body the content, decompressed; of an answer that is no success only the begin, as it came
 * @param receivedBytes bytes of the body as they came over the network
 */
record HttpReply(URI uri, int statusCode, HttpHeaders headers, byte[] body, long receivedBytes) {
    boolean isSuccess() {
        return statusCode >= 200 && statusCode < 300;
    }
}
