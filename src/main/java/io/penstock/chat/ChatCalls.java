package io.penstock.chat;

import io.penstock.answer.Answerer;
import io.penstock.answer.Passage;
import io.penstock.answer.Question;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.schema.ChatAnswer;
import io.penstock.schema.ChatReply;
import io.penstock.schema.ChatRequest;
import io.penstock.schema.Conversation;
import io.penstock.serde.Decoded;
import io.penstock.stage.CallException;
import io.penstock.stage.StageFunction;
import io.penstock.stage.Step;
import io.penstock.vector.Retriever;
import io.penstock.vector.SearchHit;
import io.penstock.vector.SearchMode;
import io.penstock.vector.SearchRequest;
import io.penstock.vector.SearchResult;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.state.KeyValueStore;

/** The slow part of chat: retrieves passages and has them turned into an answer. */
@SuppressWarnings("NullAway.Init") // set in init(), which comes before everything else
final class ChatCalls implements StageFunction<String, Decoded<ChatRequest>, ReplyEmit.Answered> {
    /** Wait before a second attempt. */
    static final Duration BACKOFF = Duration.ofMillis(200);
    /** How long the index may take to reach what the question is to be answered from. */
    private static final Duration INDEX_PATIENCE = Duration.ofSeconds(5);
    /** How long {@code chat.request} keeps a question: one that claims to be older bears no time that can be trusted. */
    private static final Duration KEPT = Duration.ofDays(1);

    private final Retriever retriever;
    private final Answerer answerer;
    private final ChatSettings settings;
    private final InstantSource clock;
    private ProcessorContext<?, ?> context;
    private KeyValueStore<String, Conversation> conversations;

    ChatCalls(Retriever retriever, Answerer answerer, ChatSettings settings, InstantSource clock) {
        this.retriever = retriever;
        this.answerer = answerer;
        this.settings = settings;
        this.clock = clock;
    }

    @Override
    public void init(ProcessorContext<?, ?> newContext) {
        context = newContext;
        conversations = context.getStateStore(ChatTopology.CONVERSATIONS);
    }

    @Override
    public Step<ReplyEmit.Answered> prepare(String session, Decoded<ChatRequest> value, Headers headers, int attempt) {
        ChatRequest request = value.value();
        if (inVain(request, attempt)) {
            return new Step.Fail<>(CallException.permanent(
                    ErrorCode.CHAT_TIMEOUT.code(),
                    "The question was asked at " + request.getRequestedAt() + ", and whoever asked waits for "
                            + settings.patience().toSeconds() + " s: attempt " + attempt
                            + " to answer it could not end in time."));
        }
        Conversation conversation = conversations.get(session);
        List<Question.Exchange> history = conversation == null
                ? List.of()
                : conversation.getTurns().stream()
                        .filter(turn -> !turn.getRequestId().equals(request.getRequestId()))
                        .map(turn -> new Question.Exchange(turn.getMessage(), turn.getReply()))
                        .toList();
        Instant at = Instant.ofEpochMilli(context.currentSystemTimeMs());
        return new Step.Call<>(_ -> {
            try {
                return new ReplyEmit.Answered(request, answer(request, history, attempt, at));
            } catch (CallException e) {
                throw inTime(e, request);
            }
        });
    }

    /**
     * Whether nobody would wait for the answer any more. A first attempt is made as long as somebody waits, since most take far
     * less than they may. Another follows a timeout or a failure, and is made only if it can take as long as it may.
     */
    private boolean inVain(ChatRequest request, int attempt) {
        Instant now = clock.instant();
        return attempt > 1
                ? isLate(request, now.plus(settings.callTimeout()))
                : isLate(request, now) && now.isBefore(request.getRequestedAt().plus(KEPT));
    }

    private boolean isLate(ChatRequest request, Instant at) {
        return at.isAfter(request.getRequestedAt().plus(settings.patience()));
    }

    /**
     * The failure, for good when another attempt could not end while whoever asked still waits: then the reply that says why comes
     * at once, instead of none, and the session's next question is not held up.
     */
    private CallException inTime(CallException failure, ChatRequest request) {
        Duration named = failure.retryAfter();
        Duration wait = named != null && named.compareTo(BACKOFF) > 0 ? named : BACKOFF;
        Instant end = clock.instant().plus(wait).plus(settings.callTimeout());
        return isLate(request, end) && !failure.isPermanent()
                ? CallException.permanent(failure.code(), String.valueOf(failure.getMessage()), failure)
                : failure;
    }

    /** It ends no pending request: who asked gets an answer, of what is left. */
    @Override
    public boolean isFence(String session, Decoded<ChatRequest> value) {
        return value.value().getFence() != null;
    }

    private ChatReply answer(ChatRequest request, List<Question.Exchange> history, int attempt, Instant at)
            throws CallException, InterruptedException {
        try {
            int k = request.getK() == null
                    ? settings.passages()
                    : Math.clamp(request.getK(), 1, settings.maxPassages());
            SearchResult found = retriever.search(search(request, k));
            if (found.answered() < found.asked()) {
                // The passage that answers the question may be in a shard that is moving; "nothing is known" would be
                // wrong.
                throw CallException.retryable(
                        ErrorCode.SHARD_UNAVAILABLE.code(),
                        "Only " + found.answered() + " of " + found.asked()
                                + " shards of the vector index answered; ask again in a few seconds.",
                        null);
            }
            List<Passage> passages =
                    found.hits().stream().map(ChatCalls::passage).toList();
            ChatAnswer answer = answerer.answer(new Question(request.getMessage(), passages, history));
            answer.getUsage().setPassages(passages.size());
            return ChatReply.newBuilder()
                    .setRequestId(request.getRequestId())
                    .setSessionId(request.getSessionId())
                    .setAttempt(attempt)
                    .setAnswer(answer)
                    .setAt(at)
                    .build();
        } catch (PenstockException e) {
            throw CallException.retryable(e.code().code(), e.detail(), e);
        }
    }

    private static SearchRequest search(ChatRequest request, int k) {
        SearchRequest search =
                new SearchRequest(request.getMessage(), request.getTopic(), request.getSegment(), k, SearchMode.HYBRID);
        if (request.getIndexPosition().isEmpty()) {
            return search;
        }
        Map<Integer, Long> position = new HashMap<>();
        request.getIndexPosition().forEach((partition, offset) -> position.put(Integer.valueOf(partition), offset));
        return search.reaching(position, INDEX_PATIENCE);
    }

    private static Passage passage(SearchHit hit) {
        return new Passage(
                hit.id(),
                hit.topic(),
                hit.segment(),
                hit.processor(),
                hit.item(),
                hit.label(),
                hit.uri(),
                hit.text(),
                hit.start(),
                hit.end(),
                hit.score());
    }
}
