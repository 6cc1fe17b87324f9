package io.penstock.answer;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.model.output.TokenUsage;
import io.penstock.answer.LanguageModel.Completion;
import io.penstock.answer.LanguageModel.Message;
import io.penstock.error.ErrorCode;
import io.penstock.stage.CallException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An OpenAI-compatible endpoint. Each call is made once and streamed: retries are the stage's. What goes wrong becomes a
 * {@link CallException} that names variable and host, never the key, and has no cause, since what an endpoint echoed may be in
 * any message.
 */
final class ChatEndpoint {
    private static final Logger LOG = LoggerFactory.getLogger(ChatEndpoint.class);
    private static final int DETAIL_LENGTH = 300;

    private final AnswerSettings settings;
    private final Secret secret;
    private final @Nullable OpenAiStreamingChatModel client;

    ChatEndpoint(AnswerSettings settings, InstantSource clock) {
        this.settings = settings;
        this.secret = new Secret(settings.apiKey());
        this.client = settings.apiKey() == null
                ? null
                : OpenAiStreamingChatModel.builder()
                        .httpClientBuilder(new EndpointHttpClient(settings, secret, clock).builder())
                        .baseUrl(settings.baseUrl().toString())
                        .apiKey(settings.apiKey())
                        .modelName(settings.model())
                        .logRequests(false)
                        .logResponses(false)
                        .build();
    }

    /**
     * A model of this endpoint.
     *
     * @param temperature null for the endpoint's own
     */
    LanguageModel model(String name, @Nullable Double temperature, ModelUsage.Counts counts) {
        return new EndpointModel(name, temperature, counts);
    }

    /** What is to be written by the model of the settings. */
    LanguageModel model(ModelUsage.Counts counts) {
        return model(settings.model(), null, counts);
    }

    private final class EndpointModel implements LanguageModel {
        private final String name;
        private final @Nullable Double temperature;
        private final ModelUsage.Counts counts;

        EndpointModel(String name, @Nullable Double temperature, ModelUsage.Counts counts) {
            this.name = name;
            this.temperature = temperature;
            this.counts = counts;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public Completion complete(List<Message> messages, Consumer<String> onText)
                throws CallException, InterruptedException {
            counts.called();
            try {
                Completion completion = ask(name, temperature, messages, onText);
                counts.completed(completion);
                return completion;
            } catch (Failure e) {
                counts.failed(e.code);
                LOG.debug("A call to the language model at {} failed: {}", settings.host(), e.getMessage());
                throw e.toCallException();
            }
        }
    }

    private Completion ask(String model, @Nullable Double temperature, List<Message> messages, Consumer<String> onText)
            throws Failure, InterruptedException {
        if (client == null) {
            throw Failure.permanent(
                    ErrorCode.LLM_UNAUTHORIZED,
                    "There is no key for the language model at " + settings.host()
                            + ": set OPENAI_API_KEY (any value, if the endpoint wants none).");
        }
        ChatRequest.Builder request = ChatRequest.builder()
                .messages(messages.stream().map(ChatEndpoint::toLangChain4j).toList())
                .modelName(model);
        if (temperature != null) {
            request.temperature(temperature);
        }
        Answer answer = new Answer(secret.stream(onText));
        try {
            client.chat(request.build(), answer); // on this thread, until the stream has ended
        } catch (RuntimeException e) {
            answer.onError(e);
        }
        if (answer.consumerFailure != null) {
            throw answer.consumerFailure;
        }
        if (answer.failure != null) {
            throw failure(answer.failure, model);
        }
        answer.text.end();
        return completion(answer.response, model);
    }

    /** What LangChain4j tells. The first failure counts: the stream that follows one is not the answer. */
    private static final class Answer implements StreamingChatResponseHandler {
        private final Secret.Stream text;
        private @Nullable ChatResponse response;
        private @Nullable Throwable failure;
        private @Nullable RuntimeException consumerFailure;

        Answer(Secret.Stream text) {
            this.text = text;
        }

        @Override
        public void onPartialResponse(PartialResponse piece, PartialResponseContext context) {
            if (failure != null || consumerFailure != null) {
                return;
            }
            try {
                text.push(piece.text());
            } catch (RuntimeException e) {
                consumerFailure = e; // LangChain4j would log it and go on
                context.streamingHandle().cancel();
            }
        }

        @Override
        public void onCompleteResponse(ChatResponse whole) {
            response = whole;
        }

        @Override
        public void onError(Throwable problem) {
            if (failure == null) {
                failure = problem;
            }
        }
    }

    private static ChatMessage toLangChain4j(Message message) {
        return switch (message.role()) {
            case SYSTEM -> SystemMessage.from(message.text());
            case USER -> UserMessage.from(message.text());
            case ASSISTANT -> AiMessage.from(message.text());
        };
    }

    private Completion completion(@Nullable ChatResponse response, String model) throws Failure {
        if (response == null) {
            throw unreadable();
        }
        FinishReason reason = response.finishReason();
        if (reason == FinishReason.CONTENT_FILTER) {
            throw Failure.permanent(
                    ErrorCode.LLM_FAILED,
                    "The language model " + model + " at " + settings.host()
                            + " withheld its answer: its content filter objected.");
        }
        String text = response.aiMessage().text();
        if (text == null || text.isBlank()) {
            if (reason == FinishReason.LENGTH) {
                throw Failure.permanent(
                        ErrorCode.LLM_FAILED,
                        "The language model " + model + " at " + settings.host()
                                + " used up its tokens before it wrote any text: let it write more, or choose another with"
                                + " PENSTOCK_LLM_MODEL or in the processor.");
            }
            throw Failure.retryable(
                    ErrorCode.LLM_FAILED,
                    "The language model " + model + " at " + settings.host() + " answered without text.");
        }
        TokenUsage usage = response.tokenUsage();
        return new Completion(
                secret.redact(text).strip(),
                usage == null ? 0 : orZero(usage.inputTokenCount()),
                usage == null ? 0 : orZero(usage.outputTokenCount()),
                reason == FinishReason.LENGTH);
    }

    /** @throws InterruptedException when the calling thread was interrupted, whatever else happened */
    private Failure failure(Throwable problem, String model) throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException("the call was cancelled");
        }
        if (!(problem instanceof EndpointException e)) {
            // LangChain4j could not make sense of an event; its message may quote it.
            return unreadable();
        }
        return switch (e.kind()) {
            case REFUSED -> refused(e, model);
            case UNREACHABLE ->
                Failure.retryable(
                        ErrorCode.LLM_UNREACHABLE,
                        "The language model at " + settings.host() + " cannot be reached" + inBrackets(e.detail())
                                + ": check OPENAI_BASE_URL, and that the endpoint is running.");
            case BROKEN ->
                Failure.retryable(
                        ErrorCode.LLM_UNREACHABLE,
                        "The language model at " + settings.host()
                                + " (OPENAI_BASE_URL) broke the connection off in the middle of its answer"
                                + inBrackets(e.detail()) + ".");
            case STALLED ->
                Failure.retryable(
                        ErrorCode.LLM_TIMEOUT,
                        "The language model at " + settings.host() + " (OPENAI_BASE_URL) sent nothing for "
                                + seconds(settings.stallTimeout()) + " (PENSTOCK_LLM_STALL_SECONDS).");
            case LATE -> late();
            case REPORTED ->
                Failure.retryable(
                        ErrorCode.LLM_FAILED,
                        "The language model " + model + " at " + settings.host()
                                + " reported an error in the middle of its answer" + detail(e.detail()) + ".");
            case TRUNCATED ->
                Failure.retryable(
                        ErrorCode.LLM_FAILED,
                        "The language model " + model + " at " + settings.host()
                                + " ended its answer before it was whole.");
            case UNREADABLE -> unreadable();
            case TOO_LARGE ->
                Failure.permanent(
                        ErrorCode.LLM_FAILED,
                        "The answer of the language model " + model + " at " + settings.host() + " is too large"
                                + inBrackets(e.detail()) + ".");
            case CANCELLED -> throw new InterruptedException("the call was cancelled");
        };
    }

    private Failure unreadable() {
        return Failure.retryable(
                ErrorCode.LLM_FAILED,
                "What " + settings.host() + " answered is not a streamed chat completion: check OPENAI_BASE_URL.");
    }

    private Failure late() {
        return Failure.retryable(
                ErrorCode.LLM_TIMEOUT,
                "The language model at " + settings.host() + " (OPENAI_BASE_URL) did not end its answer within "
                        + seconds(settings.timeout()) + " (PENSTOCK_LLM_TIMEOUT_SECONDS).");
    }

    private Failure refused(EndpointException e, String model) {
        int status = e.status();
        String answered = "The language model " + model + " at " + settings.host() + " answered with status " + status
                + detail(e.detail());
        return switch (status) {
            case 401, 403 ->
                Failure.permanent(
                        ErrorCode.LLM_UNAUTHORIZED,
                        "The language model at " + settings.host() + " refused the key (" + status
                                + "): check OPENAI_API_KEY and that the key may use " + model + ".");
            case 404 ->
                Failure.permanent(
                        ErrorCode.LLM_FAILED,
                        answered + ". Check OPENAI_BASE_URL, and that it serves a model of this name.");
            case 408, 504 ->
                Failure.retryable(
                        ErrorCode.LLM_TIMEOUT,
                        "The language model at " + settings.host() + " (OPENAI_BASE_URL) gave up in time (" + status
                                + ")" + detail(e.detail()) + ".");
            default -> {
                if (status != 429 && status < 500) {
                    yield Failure.permanent(ErrorCode.LLM_FAILED, answered + ".");
                }
                yield new Failure(ErrorCode.LLM_FAILED, answered + ".", false, e.retryAfter());
            }
        };
    }

    private static String detail(String said) {
        String line = said.replaceAll("\\s+", " ").strip();
        return line.isEmpty() ? "" : ": " + (line.length() > DETAIL_LENGTH ? line.substring(0, DETAIL_LENGTH) : line);
    }

    private static String inBrackets(String said) {
        return said.isBlank() || said.equals("null") ? "" : " (" + said + ")";
    }

    private static String seconds(Duration time) {
        return time.toMillis() % 1000 == 0 ? time.toSeconds() + " s" : time.toMillis() + " ms";
    }

    private static int orZero(@Nullable Integer value) {
        return value == null ? 0 : value;
    }

    /** A failure that knows its code, to be counted by it. */
    private static final class Failure extends Exception {
        private final ErrorCode code;
        private final boolean permanent;
        private final @Nullable Duration retryAfter;

        Failure(ErrorCode code, String message, boolean permanent, @Nullable Duration retryAfter) {
            super(message);
            this.code = code;
            this.permanent = permanent;
            this.retryAfter = retryAfter;
        }

        static Failure permanent(ErrorCode code, String message) {
            return new Failure(code, message, true, null);
        }

        static Failure retryable(ErrorCode code, String message) {
            return new Failure(code, message, false, null);
        }

        CallException toCallException() {
            String message = String.valueOf(getMessage());
            if (permanent) {
                return CallException.permanent(code.code(), message);
            }
            return retryAfter == null
                    ? CallException.retryable(code.code(), message, null)
                    : CallException.retryAfter(code.code(), message, retryAfter);
        }
    }
}
