package io.penstock.answer;

import io.penstock.stage.CallException;

/** A language model that writes the analysis of a record. */
public interface Analyst {
    /** The name of the language model. */
    String name();

    /** What makes analyses differ, for the same prompt and text: equal means that they need not be written anew. */
    default String fingerprint() {
        return name();
    }

    /**
     * The analysis of a text by a prompt, whose place holders were filled in already.
     *
     * @throws CallException with one of the {@code llm.*} codes
     */
    String analyse(String prompt, String text) throws CallException, InterruptedException;
}
