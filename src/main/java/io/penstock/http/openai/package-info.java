/**
 * The chat, the embedding model and the topics in the form of OpenAI's API, for clients that speak nothing else.
 */
@NullMarked
package io.penstock.http.openai;

import org.jspecify.annotations.NullMarked;
