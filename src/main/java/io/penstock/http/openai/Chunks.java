package io.penstock.http.openai;

/** Where the chunks of a stream go. Must not block. */
interface Chunks {
    /** @param data one line: JSON, or the word that ends the stream */
    void send(String data);

    /** Nothing more comes. */
    void end();
}
