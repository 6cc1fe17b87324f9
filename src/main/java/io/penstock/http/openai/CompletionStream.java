package io.penstock.http.openai;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.penstock.chat.EventId;
import io.penstock.chat.StreamListener;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.http.OpenAiError;
import io.penstock.schema.ChatAnswer;
import io.penstock.schema.ChatReply;
import io.penstock.schema.Citation;
import java.util.List;
import java.util.function.Consumer;

/**
 * Passes on a reply, while it is made, as the chunks of a completion.
 *
 * <p>What fails before the first chunk is an ordinary error, which clients know how to repeat; what fails later is a chunk with an
 * error, after which the stream ends without its last word. A chunk cannot be taken back: when the reply is made anew, its text is
 * compared with what was sent, and the stream goes on where they are the same, which the text of the extractive answerer is.
 *
 * <p>Threading: called by one thread at a time, and does not block.
 */
final class CompletionStream implements StreamListener {
    private static final String LAST_WORD = "[DONE]";

    private final CompletionJson json;
    private final boolean usage;
    private final Chunks chunks;
    private final Consumer<PenstockException> refused;
    private final StringBuilder sent = new StringBuilder();
    /** How much of the reply that is followed now was heard; less than what was sent when it is made anew. */
    private int heard;

    private boolean begun;
    private boolean over;

    /**
     * @param usage whether the stream ends with what the reply cost
     * @param refused told why there is no stream
     */
    CompletionStream(CompletionJson json, boolean usage, Chunks chunks, Consumer<PenstockException> refused) {
        this.json = json;
        this.usage = usage;
        this.chunks = chunks;
        this.refused = refused;
    }

    @Override
    public boolean canResume() {
        return false;
    }

    @Override
    public void onStart(EventId id) {
        // A client of this API cannot resume, and needs no id.
    }

    @Override
    public void onCitations(List<Citation> citations) {
        if (!begun && !over) {
            begin(citations);
        }
    }

    @Override
    public void onText(String text, EventId id) {
        if (over) {
            return;
        }
        int again = Math.min(text.length(), sent.length() - heard);
        if (!sent.substring(heard, heard + again).equals(text.substring(0, again))) {
            differs();
            return;
        }
        heard += text.length();
        if (again < text.length()) {
            if (!begun) {
                begin(List.of());
            }
            String more = text.substring(again);
            sent.append(more);
            send(json.text(more));
        }
    }

    @Override
    public void onReset(int attempt) {
        heard = 0;
    }

    @Override
    public void onDone(ChatReply reply, EventId id) {
        if (over) {
            return;
        }
        ChatAnswer answer = reply.getAnswer();
        if (heard < sent.length()) {
            differs();
            return;
        }
        if (!begun) {
            begin(answer.getCitations());
        }
        send(json.last(answer));
        if (usage) {
            send(json.usageChunk(answer.getUsage()));
        }
        chunks.send(LAST_WORD);
        end();
    }

    @Override
    public void onError(PenstockException error) {
        if (over) {
            return;
        }
        if (!begun) {
            over = true;
            refused.accept(error);
            return;
        }
        send(OpenAiError.body(error.code().status(), error.code().code(), error.detail(), null));
        end();
    }

    private void differs() {
        onError(new PenstockException(
                ErrorCode.NOT_READY,
                "The answer had to be made anew and became another than what was sent; forget that, and ask again."));
    }

    private void begin(List<Citation> citations) {
        begun = true;
        send(json.first(citations));
    }

    private void send(ObjectNode chunk) {
        chunks.send(chunk.toString());
    }

    private void end() {
        over = true;
        chunks.end();
    }
}
