package io.penstock.http.openai;

import com.fasterxml.jackson.databind.JsonNode;
import io.penstock.error.ErrorCode;
import io.penstock.http.Bodies;
import io.penstock.http.ChatRules;
import io.penstock.schema.ChatRequest;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What a body asks for. What would change the shape of the answer and cannot be given is refused; what would only change its
 * wording, such as {@code temperature} or {@code max_tokens}, is passed over, and so is what is not known.
 *
 * @param usage whether a stream is to end with what it cost
 */
record CompletionRequest(
        String model,
        Dialogue dialogue,
        @Nullable String topic,
        @Nullable String segment,
        Optional<Integer> k,
        Optional<String> session,
        Optional<String> reasoning,
        boolean stream,
        boolean usage) {
    private static final String MODEL = "model";
    private static final String TOPIC = "topic";
    private static final String SEGMENT = "segment";

    static CompletionRequest read(JsonNode body) {
        refuseWhatCannotBeGiven(body);
        String name = InvalidParameter.in(MODEL, () -> Bodies.requiredText(body, MODEL));
        ChatModel model = ChatModel.named(name)
                .orElseThrow(() -> new InvalidParameter(
                        ErrorCode.MODEL_UNKNOWN,
                        "The model '" + name
                                + "' answers no questions: those that do are penstock, penstock/<topic> and"
                                + " penstock/<topic>/<segment>. GET /v1/models lists them.",
                        MODEL));
        return new CompletionRequest(
                name,
                Dialogue.read(body.path("messages")),
                scope(body, TOPIC, model.topic()),
                scope(body, SEGMENT, model.segment()),
                InvalidParameter.in("k", () -> Bodies.integer(body, "k")),
                InvalidParameter.in("session_id", () -> Bodies.text(body, "session_id")),
                InvalidParameter.in("reasoning", () -> Bodies.text(body, "reasoning")),
                flag(body.path("stream"), "stream"),
                flag(body.path("stream_options").path("include_usage"), "stream_options.include_usage"));
    }

    /**
     * As the chat takes it. Without a session nothing is remembered: the client tells what was said before.
     *
     * @throws InvalidParameter when a value is out of its range
     */
    ChatRequest question(Instant now) {
        return ChatRequest.newBuilder()
                .setRequestId(UUID.randomUUID().toString())
                .setMessage(InvalidParameter.in("messages", () -> ChatRules.message(dialogue.question())))
                .setSessionId(InvalidParameter.in("session_id", () -> ChatRules.session(session)))
                .setTopic(topic)
                .setSegment(segment)
                .setK(InvalidParameter.in("k", () -> ChatRules.k(k)).orElse(null))
                .setRequestedAt(now)
                .setHistory(dialogue.history())
                .setRemember(session.filter(id -> !id.isBlank()).isPresent())
                .setPrompt(InvalidParameter.in("reasoning", () -> ChatRules.prompt(reasoning)))
                .setStream(stream)
                .build();
    }

    /** What to look in, which the model or a field says; both may, if they agree. */
    private static @Nullable String scope(JsonNode body, String field, @Nullable String ofModel) {
        String ofBody =
                InvalidParameter.in(field, () -> Bodies.text(body, field)).orElse(null);
        if (ofBody != null && ofModel != null && !Objects.equals(ofBody, ofModel)) {
            throw InvalidParameter.unsupported(
                    field,
                    "The model stands for the " + field + " '" + ofModel + "', and the field '" + field
                            + "' says another.");
        }
        return ofModel == null ? ofBody : ofModel;
    }

    private static boolean flag(JsonNode flag, String field) {
        if (!flag.isMissingNode() && !flag.isNull() && !flag.isBoolean()) {
            throw InvalidParameter.malformed(field, "The field '" + field + "' is true or false.");
        }
        return flag.booleanValue();
    }

    private static void refuseWhatCannotBeGiven(JsonNode body) {
        JsonNode n = body.path("n");
        if (!n.isMissingNode() && !n.isNull() && !(n.isIntegralNumber() && n.asLong() == 1)) {
            throw InvalidParameter.unsupported("n", "A question has one answer: leave n out, or send 1.");
        }
        for (String field : List.of("tools", "functions")) {
            if (!body.path(field).isEmpty()) {
                throw InvalidParameter.unsupported(
                        field, "Tools and functions are not called here: leave " + field + " out.");
            }
        }
        JsonNode format = body.path("response_format");
        if (!format.isMissingNode()
                && !format.isNull()
                && !format.path("type").asText().equals("text")) {
            throw InvalidParameter.unsupported(
                    "response_format", "Answers are text: leave response_format out, or send {\"type\":\"text\"}.");
        }
        for (JsonNode modality : body.path("modalities")) {
            if (!modality.asText().equals("text")) {
                throw InvalidParameter.unsupported("modalities", "Answers are text: leave modalities out.");
            }
        }
        if (flag(body.path("logprobs"), "logprobs")) {
            throw InvalidParameter.unsupported(
                    "logprobs", "Answers come without log probabilities: leave logprobs out.");
        }
    }
}
