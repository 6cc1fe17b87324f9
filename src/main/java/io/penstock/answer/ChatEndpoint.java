package io.penstock.answer;

import com.fasterxml.jackson.core.JacksonException;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.output.TokenUsage;
import io.penstock.error.ErrorCode;
import io.penstock.stage.CallException;
import java.io.IOException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A chat model behind an OpenAI-compatible endpoint. Makes each call once: retries are the stage's. What goes wrong becomes a
 * {@link CallException} that names variable and host, never the key.
 */
final class ChatEndpoint {
    private static final Logger LOG = LoggerFactory.getLogger(ChatEndpoint.class);
    private static final int DETAIL_LENGTH = 300;

    private final AnswerSettings settings;
    private final @Nullable OpenAiChatModel model;

    ChatEndpoint(AnswerSettings settings, InstantSource clock) {
        this.settings = settings;
        this.model = settings.apiKey() == null
                ? null
                : OpenAiChatModel.builder()
                        .httpClientBuilder(new EndpointHttpClient.Builder(settings, clock))
                        .baseUrl(settings.baseUrl().toString())
                        .apiKey(settings.apiKey())
                        .modelName(settings.model())
                        .timeout(settings.timeout())
                        .maxRetries(0)
                        .logRequests(false)
                        .logResponses(false)
                        .build();
    }

    /** What the model wrote, and what it cost. */
    record Completion(String text, int promptTokens, int completionTokens) {}

    String modelName() {
        return settings.model();
    }

    Completion complete(List<ChatMessage> messages) throws CallException, InterruptedException {
        if (model == null) {
            throw CallException.permanent(
                    ErrorCode.LLM_UNAUTHORIZED.code(),
                    "There is no key for the language model at " + settings.host()
                            + ": set OPENAI_API_KEY (any value, if the endpoint wants none).");
        }
        ChatResponse response;
        try {
            response = model.chat(ChatRequest.builder().messages(messages).build());
        } catch (RuntimeException e) {
            if (Thread.interrupted()) {
                throw new InterruptedException("the call was cancelled");
            }
            LOG.debug("A call to the language model at {} failed.", settings.host(), e);
            throw failure(e);
        }
        String text = response.aiMessage().text();
        if (text == null || text.isBlank()) {
            throw CallException.retryable(
                    ErrorCode.LLM_FAILED.code(),
                    "The language model " + settings.model() + " at " + settings.host() + " answered without text.",
                    null);
        }
        TokenUsage usage = response.tokenUsage();
        return new Completion(
                text.strip(),
                usage == null ? 0 : orZero(usage.inputTokenCount()),
                usage == null ? 0 : orZero(usage.outputTokenCount()));
    }

    private CallException failure(RuntimeException e) {
        Optional<EndpointException> answered = cause(e, EndpointException.class);
        if (answered.isPresent()) {
            return refused(answered.get());
        }
        if (cause(e, HttpConnectTimeoutException.class).isEmpty()
                && cause(e, HttpTimeoutException.class).isPresent()) {
            return timeout(e);
        }
        if (cause(e, IOException.class).filter(ChatEndpoint::isTransport).isPresent()
                || cause(e, UnresolvedAddressException.class).isPresent()) {
            return CallException.retryable(
                    ErrorCode.LLM_UNREACHABLE.code(),
                    "The language model at " + settings.host()
                            + " cannot be reached: check OPENAI_BASE_URL, and that the endpoint is running.",
                    e);
        }
        return CallException.retryable(
                ErrorCode.LLM_FAILED.code(),
                "What " + settings.host() + " answered is not a chat completion: check OPENAI_BASE_URL.",
                e);
    }

    /** What Jackson throws on a body that it cannot read is an {@link IOException} too, but the endpoint was reached. */
    private static boolean isTransport(IOException e) {
        return !(e instanceof JacksonException);
    }

    private CallException refused(EndpointException e) {
        int status = e.status();
        return switch (status) {
            case 401, 403 ->
                CallException.permanent(
                        ErrorCode.LLM_UNAUTHORIZED.code(),
                        "The language model at " + settings.host() + " refused the key (" + status
                                + "): check OPENAI_API_KEY and that the key may use " + settings.model() + ".");
            case 408, 504 -> timeout(e);
            default -> {
                String message = "The language model " + settings.model() + " at " + settings.host()
                        + " answered with status " + status + detail(e.body()) + ".";
                Duration wait = e.retryAfter();
                if (status != 429 && status < 500) {
                    yield CallException.permanent(ErrorCode.LLM_FAILED.code(), message);
                }
                yield wait == null
                        ? CallException.retryable(ErrorCode.LLM_FAILED.code(), message, null)
                        : CallException.retryAfter(ErrorCode.LLM_FAILED.code(), message, wait);
            }
        };
    }

    private CallException timeout(Exception e) {
        return CallException.retryable(
                ErrorCode.LLM_TIMEOUT.code(),
                "The language model at " + settings.host() + " (OPENAI_BASE_URL) did not answer within "
                        + settings.timeout().toSeconds() + " s.",
                e);
    }

    private String detail(String body) {
        String line = body.replaceAll("\\s+", " ").strip();
        String key = settings.apiKey();
        if (key != null) {
            line = line.replace(key, "***");
        }
        return line.isEmpty() ? "" : ": " + (line.length() > DETAIL_LENGTH ? line.substring(0, DETAIL_LENGTH) : line);
    }

    private static <T extends Throwable> Optional<T> cause(Throwable e, Class<T> type) {
        Throwable at = e;
        for (int depth = 0; at != null && depth < 20; depth++) {
            if (type.isInstance(at)) {
                return Optional.of(type.cast(at));
            }
            at = at.getCause();
        }
        return Optional.empty();
    }

    private static int orZero(@Nullable Integer value) {
        return value == null ? 0 : value;
    }
}
