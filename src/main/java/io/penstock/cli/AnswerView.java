package io.penstock.cli;

import com.fasterxml.jackson.databind.JsonNode;

/** Shows an answer while it comes. */
interface AnswerView {
    /** @param start the ids of the request and of the session */
    void start(JsonNode start);

    /** @param citations what the reply may cite */
    void citations(JsonNode citations);

    /** The reply goes on. */
    void text(String piece);

    /** The reply is made anew: what came so far is void. */
    void reset(JsonNode reset);

    /** @param answer the whole, as an answer that is not streamed has it */
    void done(JsonNode answer);
}
