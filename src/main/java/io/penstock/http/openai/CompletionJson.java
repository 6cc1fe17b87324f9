package io.penstock.http.openai;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.query.AvroJson;
import io.penstock.schema.ChatAnswer;
import io.penstock.schema.Citation;
import io.penstock.schema.Usage;
import java.time.Instant;
import java.util.List;

/**
 * An answer in the shape of a completion, whole or as the chunks of a stream.
 *
 * <p>What Penstock adds ({@code citations}, {@code answered}, {@code answerer}) stands in the choice, beside {@code message} or
 * {@code delta} and not in it: clients put deltas together piece by piece, and the official Python client fails at a list in them
 * that comes twice.
 */
final class CompletionJson {
    private static final AvroJson AVRO = new AvroJson(false);

    private final String id;
    private final long created;
    private final String model;
    private final boolean usageFollows;

    /** @param usageFollows whether the chunks of a stream say that its last one tells the usage */
    CompletionJson(String requestId, Instant created, String model, boolean usageFollows) {
        this.id = "chatcmpl-" + requestId;
        this.created = created.getEpochSecond();
        this.model = model;
        this.usageFollows = usageFollows;
    }

    ObjectNode whole(ChatAnswer answer) {
        ObjectNode completion = completion("chat.completion");
        ObjectNode choice = choice(completion);
        choice.putObject("message")
                .put("role", "assistant")
                .put("content", answer.getReply())
                .putNull("refusal");
        extend(choice, answer).put("finish_reason", finishReason(answer));
        completion.set("usage", usage(answer.getUsage()));
        return completion;
    }

    /** @param citations what the text may cite, by its numbers */
    ObjectNode first(List<Citation> citations) {
        ObjectNode chunk = completion("chat.completion.chunk");
        ObjectNode choice = choice(chunk);
        choice.putObject("delta").put("role", "assistant").put("content", "");
        choice.set("citations", citations(citations));
        choice.putNull("finish_reason");
        return chunk;
    }

    ObjectNode text(String piece) {
        ObjectNode chunk = completion("chat.completion.chunk");
        ObjectNode choice = choice(chunk);
        choice.putObject("delta").put("content", piece);
        choice.putNull("finish_reason");
        return chunk;
    }

    ObjectNode last(ChatAnswer answer) {
        ObjectNode chunk = completion("chat.completion.chunk");
        ObjectNode choice = choice(chunk);
        choice.putObject("delta");
        extend(choice, answer).put("finish_reason", finishReason(answer));
        return chunk;
    }

    private static String finishReason(ChatAnswer answer) {
        return answer.getCut() ? "length" : "stop";
    }

    /** The chunk after the last, without a choice. */
    ObjectNode usageChunk(Usage usage) {
        ObjectNode chunk = completion("chat.completion.chunk");
        chunk.putArray("choices");
        chunk.set("usage", usage(usage));
        return chunk;
    }

    private ObjectNode completion(String object) {
        ObjectNode completion = JsonNodeFactory.instance
                .objectNode()
                .put("id", id)
                .put("object", object)
                .put("created", created)
                .put("model", model);
        if (usageFollows) {
            completion.putNull("usage");
        }
        return completion;
    }

    private static ObjectNode choice(ObjectNode completion) {
        return completion.putArray("choices").addObject().put("index", 0).putNull("logprobs");
    }

    private static ObjectNode extend(ObjectNode choice, ChatAnswer answer) {
        choice.set("citations", citations(answer.getCitations()));
        return choice.put("answered", answer.getAnswered()).put("answerer", answer.getAnswerer());
    }

    private static ArrayNode citations(List<Citation> citations) {
        ArrayNode array = JsonNodeFactory.instance.arrayNode();
        citations.forEach(citation -> array.add(AVRO.object(citation)));
        return array;
    }

    private static JsonNode usage(Usage usage) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("prompt_tokens", usage.getPromptTokens())
                .put("completion_tokens", usage.getCompletionTokens())
                .put("total_tokens", usage.getPromptTokens() + usage.getCompletionTokens());
    }
}
