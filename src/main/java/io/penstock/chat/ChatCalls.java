package io.penstock.chat;

import io.penstock.answer.Answerer;
import io.penstock.answer.FollowUp;
import io.penstock.answer.Passage;
import io.penstock.answer.Question;
import io.penstock.answer.Question.Exchange;
import io.penstock.answer.Reasoning;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.schema.ChatAnswer;
import io.penstock.schema.ChatReply;
import io.penstock.schema.ChatRequest;
import io.penstock.serde.Decoded;
import io.penstock.stage.CallEvents;
import io.penstock.stage.CallException;
import io.penstock.stage.StageFunction;
import io.penstock.stage.Step;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.jspecify.annotations.Nullable;

/** The slow part of chat: retrieves passages and has them turned into an answer, which it tells in parts if that is wanted. */
@SuppressWarnings("NullAway.Init") // set in init(), which comes before everything else
final class ChatCalls implements StageFunction<String, Decoded<ChatRequest>, ChatResult> {
    /** Wait before a second attempt. */
    static final Duration BACKOFF = Duration.ofMillis(200);
    /** The longest reply, in UTF-16 units; with all it cites it fits into a record. */
    private static final int MAX_REPLY = 1_000_000;

    private final Passages passages;
    private final Answerer answerer;
    private final ReplyTopics replyTopics;
    private final ChatSettings settings;
    private final Patience patience;
    private final InstantSource clock;
    private final PartTimer timer;
    private final TaskConversations ofTasks;
    private Conversations conversations;

    ChatCalls(
            Passages passages,
            Answerer answerer,
            ReplyTopics replyTopics,
            ChatSettings settings,
            InstantSource clock,
            PartTimer timer,
            TaskConversations ofTasks) {
        this.passages = passages;
        this.answerer = answerer;
        this.replyTopics = replyTopics;
        this.settings = settings;
        this.patience = new Patience(settings, clock);
        this.clock = clock;
        this.timer = timer;
        this.ofTasks = ofTasks;
    }

    @Override
    public void init(ProcessorContext<?, ?> context) {
        conversations = ofTasks.start(context);
    }

    @Override
    public Step<ChatResult> prepare(String session, Decoded<ChatRequest> value, Headers headers, int attempt) {
        ChatRequest request = value.value();
        if (request.getForget()) {
            return new Step.Result<>(new ChatResult.Forget(request));
        }
        Optional<CallException> inVain = patience.inVain(request, attempt);
        if (inVain.isPresent()) {
            return new Step.Fail<>(inVain.get());
        }
        Optional<Reasoning> reasoning = reasoning(request.getPrompt());
        if (reasoning.isEmpty()) {
            return new Step.Fail<>(CallException.permanent(
                    ErrorCode.PARAMETER_INVALID.code(),
                    "There is no prompt '" + request.getPrompt() + "'; leave it out, or name "
                            + Reasoning.STEP_BY_STEP.text() + "."));
        }
        ReplyAddress address = ReplyAddress.of(headers);
        List<Exchange> history = history(session, request);
        return new Step.Call<>(events -> {
            try {
                if (!address.isOurs()) { // an answer that cannot be delivered is not worth its cost
                    replyTopics.require(address.topic(), address.partition());
                }
                return answer(request, history, reasoning.get(), attempt, events);
            } catch (PenstockException e) {
                throw patience.inTime(CallException.retryable(e.code().code(), e.detail(), e), request);
            } catch (CallException e) {
                throw patience.inTime(e, request);
            }
        });
    }

    private static Optional<Reasoning> reasoning(@Nullable String prompt) {
        return prompt == null ? Optional.of(Reasoning.DIRECT) : Reasoning.named(prompt);
    }

    private List<Exchange> history(String session, ChatRequest request) {
        List<Exchange> all = request.getHistory().isEmpty()
                ? conversations.before(session, request.getRequestId())
                : request.getHistory().stream()
                        .map(told -> new Exchange(told.getQuestion(), told.getReply()))
                        .toList();
        return History.newest(all, settings.maxTurns(), settings.historyTokens());
    }

    private ChatResult answer(
            ChatRequest request, List<Exchange> history, Reasoning reasoning, int attempt, CallEvents events)
            throws CallException, InterruptedException {
        List<Passage> found =
                answerer.needsPassages() ? passages.find(request, query(request.getMessage(), history)) : List.of();
        Question question = new Question(request.getMessage(), found, history, reasoning);
        String execution = UUID.randomUUID().toString();
        ChatAnswer answer;
        int parts = 0;
        if (request.getStream()) {
            ReplyParts stream = new ReplyParts(execution, events, timer);
            try {
                answer = answerer.answer(question, stream);
            } finally {
                parts = stream.end();
            }
        } else {
            answer = answerer.answer(question);
        }
        if (answer.getReply().length() > MAX_REPLY) {
            throw CallException.permanent(
                    ErrorCode.LLM_FAILED.code(),
                    "The reply has " + answer.getReply().length() + " characters; at most " + MAX_REPLY
                            + " are passed on.");
        }
        answer.getUsage().setPassages(found.size());
        return new ChatResult.Answered(
                request,
                ChatReply.newBuilder()
                        .setRequestId(request.getRequestId())
                        .setSessionId(request.getSessionId())
                        .setAttempt(attempt)
                        .setExecution(execution)
                        .setSeq(parts)
                        .setAnswer(answer)
                        .setAt(clock.instant())
                        .build());
    }

    /** What to search for, given what was said before. */
    static String query(String question, List<Exchange> history) {
        return FollowUp.of(question, history).query();
    }

    /** What is deleted ends no pending request: who asked gets an answer, of what is left. */
    @Override
    public boolean isFence(String session, Decoded<ChatRequest> value) {
        return value.value().getFence() != null || value.value().getCancel() != null;
    }

    @Override
    public boolean fences(Decoded<ChatRequest> fence, String session, Decoded<ChatRequest> pending) {
        ChatRequest order = fence.value();
        return pending.value().getRequestId().equals(order.getCancel())
                && pending.value().getSessionId().equals(order.getSessionId());
    }
}
