package io.github.psft4j.serve.http;

import io.github.psft4j.io.RefusedException;
import io.github.psft4j.serve.ServeMetrics;
import io.github.psft4j.serve.ServeSettings;
import io.github.psft4j.serve.ServedModel;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpServerKeepAliveHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** An OpenAI-compatible server of one model, from construction to {@link #close}. */
public final class ApiServer implements AutoCloseable {

    /** Threads of connections, and threads that read requests: neither has much to do. */
    private static final int THREADS = Math.min(2, Runtime.getRuntime().availableProcessors());

    /** After the last token, answers have this time to leave. */
    private static final long FLUSH_SECONDS = 5;

    private final ServedModel model;
    private final EventLoopGroup loops;
    private final ExecutorService readers;
    private final ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private final AtomicInteger calls = new AtomicInteger();
    private final Channel listening;

    /**
     * Starts to listen. The model stays the caller's to close, after this.
     *
     * @throws RefusedException if the address is not there or in use, or is open to others and there is no API key
     */
    public ApiServer(ServeSettings settings, ServedModel model) {
        requireKey(settings);
        this.model = model;
        this.readers = Executors.newFixedThreadPool(THREADS, new DefaultThreadFactory("psft-read", true));
        ServerState state = new ServerState(
                settings,
                model,
                new ServeMetrics(model.generator()),
                new AccessRules(settings.host(), settings.apiKey()),
                readers,
                calls);
        this.loops = new MultiThreadIoEventLoopGroup(
                THREADS, new DefaultThreadFactory("psft-http", true), NioIoHandler.newFactory());
        ServerBootstrap bootstrap = new ServerBootstrap()
                .group(loops)
                .channel(NioServerSocketChannel.class)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        connections.add(channel);
                        channel.pipeline()
                                .addLast(new HttpServerCodec())
                                .addLast(new HttpServerKeepAliveHandler())
                                .addLast(new BodyLimit(settings.bodyBytes()))
                                .addLast(new ApiHandler(state));
                    }
                });
        this.listening = bind(bootstrap, settings);
    }

    private static void requireKey(ServeSettings settings) {
        try {
            if (settings.apiKey() == null && !AccessRules.isLoopback(settings.host())) {
                throw new RefusedException("--host " + settings.host() + " is open to other machines and needs an API"
                        + " key: set PSFT_API_KEY (--api-key), or leave the host at 127.0.0.1");
            }
        } catch (UnknownHostException e) {
            throw new RefusedException("--host " + settings.host() + " is no address of this machine");
        }
    }

    private Channel bind(ServerBootstrap bootstrap, ServeSettings settings) {
        try {
            return bootstrap
                    .bind(settings.host(), settings.port())
                    .syncUninterruptibly()
                    .channel();
        } catch (Exception e) { // Netty throws what bind throws, declared or not
            shutDown();
            throw new RefusedException(
                    "cannot listen on " + settings.host() + " port " + settings.port() + ": " + e.getMessage());
        }
    }

    /** The port that it listens on. */
    public int port() {
        return ((InetSocketAddress) listening.localAddress()).getPort();
    }

    /**
     * Takes no more requests, answers those that are there for so long, and ends.
     *
     * @return whether all were answered in time
     */
    public boolean stop(Duration patience) throws InterruptedException {
        listening.close().syncUninterruptibly();
        boolean drained = model.generator().drain(patience);
        for (long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(FLUSH_SECONDS);
                calls.get() > 0 && drained && System.nanoTime() < end; ) {
            TimeUnit.MILLISECONDS.sleep(10);
        }
        boolean answered = calls.get() == 0;
        close();
        return answered;
    }

    /** Cuts all connections and frees the port. */
    @Override
    public void close() {
        if (loops.isShuttingDown()) {
            return;
        }
        listening.close().syncUninterruptibly();
        connections.close().awaitUninterruptibly(FLUSH_SECONDS, TimeUnit.SECONDS);
        shutDown();
    }

    private void shutDown() {
        readers.shutdownNow();
        loops.shutdownGracefully(0, FLUSH_SECONDS, TimeUnit.SECONDS)
                .awaitUninterruptibly(FLUSH_SECONDS, TimeUnit.SECONDS);
    }
}
