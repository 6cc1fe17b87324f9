package io.penstock.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ServerChannel;
import io.netty.channel.SingleThreadEventLoop;
import io.netty.util.concurrent.EventExecutor;
import io.quarkus.vertx.http.HttpServerStart;
import io.vertx.core.Vertx;
import io.vertx.core.impl.VertxInternal;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.ObservesAsync;
import java.util.Iterator;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts a {@link ConnectionWatch} on every connection that the HTTP server accepts. Vert.x has one timeout, for connections on which
 * nothing happens at all; a client that sends a byte now and then would hold its connection for ever.
 */
@ApplicationScoped
public class ConnectionLimits {
    private static final Logger LOG = LoggerFactory.getLogger(ConnectionLimits.class);

    private final HttpSettings settings = HttpSettings.fromProcess();
    private final AtomicInteger open = new AtomicInteger();
    private final Vertx vertx;

    public ConnectionLimits(Vertx vertx) {
        this.vertx = vertx;
    }

    void watch(@ObservesAsync HttpServerStart started) {
        Acceptor acceptor = new Acceptor();
        for (EventExecutor loop : ((VertxInternal) vertx).getAcceptorEventLoopGroup()) {
            if (loop instanceof SingleThreadEventLoop acceptors) {
                acceptors.execute(() -> addTo(acceptors, acceptor));
            }
        }
    }

    private static void addTo(SingleThreadEventLoop loop, Acceptor acceptor) {
        int found = 0;
        for (Iterator<Channel> channels = loop.registeredChannelsIterator(); channels.hasNext(); ) {
            if (channels.next() instanceof ServerChannel server) {
                server.pipeline().addFirst(acceptor);
                found++;
            }
        }
        if (found == 0) {
            LOG.warn("No listening socket was found: slow clients are not cut off");
        }
    }

    /** On the listening socket: sees each accepted connection before the server does. Runs on the acceptor's event loop. */
    @ChannelHandler.Sharable
    private final class Acceptor extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object accepted) {
            if (accepted instanceof Channel connection) {
                boolean tooMany = open.incrementAndGet() > settings.connections();
                connection.closeFuture().addListener(closed -> open.decrementAndGet());
                connection.pipeline().addLast(new ConnectionWatch(settings, tooMany));
            }
            context.fireChannelRead(accepted);
        }
    }
}
