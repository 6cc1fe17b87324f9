package io.penstock.http;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import io.penstock.error.ErrorCode;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Ends a connection whose client takes too long, and answers with a problem what cannot be read as HTTP at all.
 *
 * <pre>
 * opened --head--> request --body--> working --answer--> between requests --head--> request ...
 *    header seconds   body seconds     no limit here         idle seconds
 * </pre>
 *
 * Besides, whenever an answer waits for the client, the client has {@code write} seconds to take some of it.
 *
 * <p>Threading: belongs to one connection and is called on its event loop only.
 */
final class ConnectionWatch extends ChannelDuplexHandler {
    private static final String NAME = "penstock-watch";

    private final HttpSettings settings;
    private final boolean tooMany;
    private boolean placed;
    private boolean ending;
    private boolean last;
    private boolean receiving;
    private boolean answering;
    private int requests;
    private @Nullable Future<?> headDeadline;
    private @Nullable Future<?> bodyDeadline;
    private @Nullable Future<?> writeDeadline;

    /** @param tooMany whether this connection is one more than are served */
    ConnectionWatch(HttpSettings settings, boolean tooMany) {
        this.settings = settings;
        this.tooMany = tooMany;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) throws Exception {
        if (tooMany) {
            refuse(context, ErrorCode.BUSY, "Too many connections are open; try again.");
            return;
        }
        if (!placed) {
            place(context);
            return;
        }
        super.channelActive(context);
    }

    /** Moves behind the codec, where requests and answers are seen as such; the server has built its pipeline by now. */
    private void place(ChannelHandlerContext context) {
        ChannelPipeline pipeline = context.pipeline();
        if (pipeline.get(HttpRequestDecoder.class) == null) {
            context.fireChannelActive(); // another protocol
            return;
        }
        ConnectionWatch watch = new ConnectionWatch(settings, false);
        watch.placed = true;
        pipeline.addBefore(pipeline.lastContext().name(), NAME, watch);
        watch.awaitHead(pipeline.context(watch), settings.header());
        context.fireChannelActive();
        pipeline.remove(this);
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
        if (!placed) {
            if (tooMany) {
                ReferenceCountUtil.release(message);
            } else {
                super.channelRead(context, message);
            }
            return;
        }
        if (ending || last) {
            ReferenceCountUtil.release(message);
            return;
        }
        if (message instanceof HttpObject object && object.decoderResult().isFailure()) {
            DecoderResult result = object.decoderResult();
            ReferenceCountUtil.release(message);
            refuseUnreadable(context, result.cause());
            return;
        }
        if (message instanceof HttpRequest request) {
            if (!isAddress(request.uri())) {
                ReferenceCountUtil.release(message);
                refuseUnreadable(context, new URISyntaxException("", "not an address"));
                return;
            }
            requests++;
            receiving = true;
            headDeadline = cancel(headDeadline);
            awaitBody(context);
        }
        if (message instanceof LastHttpContent) {
            receiving = false;
            bodyDeadline = cancel(bodyDeadline);
        }
        super.channelRead(context, message);
    }

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) throws Exception {
        if (placed && ending) {
            ReferenceCountUtil.release(message); // the client has been told something else
            promise.tryFailure(new ClosedChannelException());
            return;
        }
        if (placed) {
            boolean interim = message instanceof HttpResponse response
                    && response.status().codeClass() == HttpStatusClass.INFORMATIONAL;
            if (message instanceof HttpResponse && !interim) {
                answering = true;
            }
            if (message instanceof LastHttpContent && !interim) {
                answering = false;
                requests = Math.max(0, requests - 1);
                if (requests == 0 && last) {
                    super.write(context, message, promise.unvoid().addListener(ChannelFutureListener.CLOSE));
                    return;
                }
                if (requests == 0) {
                    awaitHead(context, settings.idle());
                }
            }
        }
        super.write(context, message, promise);
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) throws Exception {
        if (placed) {
            writeDeadline = cancel(writeDeadline);
            if (!context.channel().isWritable()) {
                writeDeadline = context.executor()
                        .schedule(() -> close(context), settings.write().toMillis(), TimeUnit.MILLISECONDS);
            }
        }
        super.channelWritabilityChanged(context);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) throws Exception {
        headDeadline = cancel(headDeadline);
        bodyDeadline = cancel(bodyDeadline);
        writeDeadline = cancel(writeDeadline);
        super.channelInactive(context);
    }

    private void awaitHead(ChannelHandlerContext context, Duration patience) {
        headDeadline = cancel(headDeadline);
        headDeadline = context.executor()
                .schedule(
                        () -> {
                            if (requests == 0) {
                                tooSlow(context, "the head of a request", patience);
                            }
                        },
                        patience.toMillis(),
                        TimeUnit.MILLISECONDS);
    }

    private void awaitBody(ChannelHandlerContext context) {
        bodyDeadline = cancel(bodyDeadline);
        bodyDeadline = context.executor()
                .schedule(
                        () -> {
                            if (receiving && !context.channel().config().isAutoRead()) {
                                awaitBody(context); // it is the server that does not read now
                            } else if (receiving) {
                                tooSlow(context, "the body of a request", settings.body());
                            }
                        },
                        settings.body().toMillis(),
                        TimeUnit.MILLISECONDS);
    }

    private void tooSlow(ChannelHandlerContext context, String what, Duration patience) {
        if (!mayAnswer()) {
            close(context);
        } else {
            refuse(
                    context,
                    ErrorCode.REQUEST_TIMEOUT,
                    "It took more than " + patience.toSeconds() + " s until " + what + " was here.");
        }
    }

    /** Whether what is said now is taken for the answer to the request that is at fault, and not to one before it. */
    private boolean mayAnswer() {
        return !answering && requests <= (receiving ? 1 : 0);
    }

    private void refuseUnreadable(ChannelHandlerContext context, Throwable cause) {
        if (!mayAnswer()) {
            last = true; // the answers to what came before are still to be given
            return;
        }
        switch (cause) {
            case TooLongHttpLineException e -> refuse(context, ErrorCode.URL_TOO_LONG, "The URL is too long.");
            case TooLongHttpHeaderException e ->
                refuse(context, ErrorCode.HEADERS_TOO_LARGE, "The headers are too large.");
            case TooLongFrameException e ->
                refuse(context, ErrorCode.HEADERS_TOO_LARGE, "The head of the request is too large.");
            case URISyntaxException e ->
                refuse(
                        context,
                        ErrorCode.REQUEST_MALFORMED,
                        "The path or the query is not a part of a URL: write characters that mean something there, and"
                                + " those that are not ASCII, as percent signs and hexadecimal digits.");
            default -> refuse(context, ErrorCode.REQUEST_MALFORMED, "The request cannot be understood as HTTP.");
        }
    }

    /** The server would refuse what is none without a word. */
    private static boolean isAddress(String target) {
        try {
            var _ = new URI(target);
            return true;
        } catch (URISyntaxException e) {
            return false;
        }
    }

    /** Says why and closes, past the server, which knows nothing of this request. */
    private void refuse(ChannelHandlerContext context, ErrorCode code, String detail) {
        if (ending) {
            return;
        }
        ending = true;
        ChannelPipeline pipeline = context.pipeline();
        if (pipeline.get(SslHandler.class) != null) {
            var _ = context.close();
            return;
        }
        byte[] body =
                Problem.body(code.status(), code.code(), detail).toString().getBytes(UTF_8);
        byte[] head = ("HTTP/1.1 " + code.status() + " " + Problem.title(code.status()) + "\r\n"
                        + "Content-Type: " + Problem.MEDIA_TYPE + "\r\n"
                        + "Content-Length: " + body.length + "\r\n"
                        + (code == ErrorCode.BUSY ? "Retry-After: 1\r\n" : "")
                        + "X-Content-Type-Options: nosniff\r\n"
                        + "Connection: close\r\n\r\n")
                .getBytes(US_ASCII);
        pipeline.firstContext()
                .writeAndFlush(Unpooled.wrappedBuffer(head, body))
                .addListener(ChannelFutureListener.CLOSE);
    }

    private void close(ChannelHandlerContext context) {
        ending = true;
        var _ = context.close();
    }

    private static @Nullable Future<?> cancel(@Nullable Future<?> deadline) {
        if (deadline != null) {
            deadline.cancel(false);
        }
        return null;
    }
}
