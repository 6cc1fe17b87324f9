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
import io.penstock.stage.CallException;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An OpenAI-compatible endpoint. Each call is made once and streamed: retries are the stage's.
 */
final class ChatEndpoint {
    private static final Logger LOG = LoggerFactory.getLogger(ChatEndpoint.class);

    private final AnswerSettings settings;
    private final EndpointFailures failures;
    private final Secret secret;
    private final @Nullable OpenAiStreamingChatModel client;

    ChatEndpoint(AnswerSettings settings, InstantSource clock) {
        this.settings = settings;
        this.failures = new EndpointFailures(settings);
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
                ChatResponse response = ask(name, temperature, messages, onText);
                TokenUsage usage = response.tokenUsage();
                int prompt = usage == null ? 0 : orZero(usage.inputTokenCount());
                int completion = usage == null ? 0 : orZero(usage.outputTokenCount());
                counts.spent(prompt, completion); // also on an answer that is of no use
                FinishReason reason = response.finishReason();
                return new Completion(text(response, name), prompt, completion, reason == FinishReason.LENGTH);
            } catch (ModelFailure e) {
                counts.failed(e.code());
                LOG.debug("A call to the language model at {} failed: {}", settings.host(), e.getMessage());
                throw e.toCallException();
            }
        }
    }

    private ChatResponse ask(
            String model, @Nullable Double temperature, List<Message> messages, Consumer<String> onText)
            throws ModelFailure, InterruptedException {
        if (client == null) {
            throw failures.keyMissing();
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
            throw failures.of(answer.failure, model);
        }
        answer.text.end();
        if (answer.response == null) {
            throw failures.unreadable();
        }
        return answer.response;
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

    private String text(ChatResponse response, String model) throws ModelFailure {
        FinishReason reason = response.finishReason();
        if (reason == FinishReason.CONTENT_FILTER) {
            throw failures.withheld(model);
        }
        String text = response.aiMessage().text();
        if (text == null || text.isBlank()) {
            throw reason == FinishReason.LENGTH ? failures.usedUp(model) : failures.empty(model);
        }
        return secret.redact(text).strip();
    }

    private static int orZero(@Nullable Integer value) {
        return value == null ? 0 : value;
    }
}
