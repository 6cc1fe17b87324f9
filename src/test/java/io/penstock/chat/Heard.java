package io.penstock.chat;

import io.penstock.error.PenstockException;
import io.penstock.schema.ChatReply;
import io.penstock.schema.Citation;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A listener that notes what it hears, one line for each call, and keeps the text as a client would. */
final class Heard implements StreamListener {
    private final List<String> lines = new ArrayList<>();
    private final StringBuilder text = new StringBuilder();
    private @Nullable EventId lastId;
    private @Nullable PenstockException error;
    private boolean resumes = true;

    /** This, as a client that cannot resume. */
    Heard withoutResuming() {
        resumes = false;
        return this;
    }

    @Override
    public boolean canResume() {
        return resumes;
    }

    synchronized List<String> lines() {
        return List.copyOf(lines);
    }

    synchronized String text() {
        return text.toString();
    }

    /** Of the last call that had one. */
    synchronized EventId lastId() {
        if (lastId == null) {
            throw new AssertionError("No id came: " + lines);
        }
        return lastId;
    }

    synchronized @Nullable PenstockException error() {
        return error;
    }

    synchronized boolean isStarted() {
        return !lines.isEmpty();
    }

    synchronized boolean isDone() {
        return !lines.isEmpty() && lines.getLast().startsWith("done");
    }

    @Override
    public synchronized void onStart(EventId id) {
        lines.add("start");
        lastId = id;
    }

    @Override
    public synchronized void onCitations(List<Citation> citations) {
        lines.add("citations " + citations.stream().map(Citation::getN).toList());
    }

    @Override
    public synchronized void onText(String more, EventId id) {
        lines.add("text " + more);
        text.append(more);
        lastId = id;
    }

    @Override
    public synchronized void onReset(int attempt) {
        lines.add("reset " + attempt);
        text.setLength(0);
    }

    @Override
    public synchronized void onDone(ChatReply reply, EventId id) {
        lines.add("done " + reply.getAnswer().getReply());
        lastId = id;
    }

    @Override
    public synchronized void onError(PenstockException why) {
        lines.add("error " + why.code().code());
        error = why;
    }
}
