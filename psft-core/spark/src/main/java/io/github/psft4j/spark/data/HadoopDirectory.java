package io.github.psft4j.spark.data;

import io.github.psft4j.io.FileCall;
import io.github.psft4j.train.checkpoint.DirectoryStorage;
import java.io.FileNotFoundException;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;

/**
 * A directory of any file system of Hadoop. What is put there is written to a hidden sibling, flushed where the file
 * system can, and renamed. Where a rename is a copy, as in object stores, a half one is told by its manifest.
 */
public final class HadoopDirectory implements DirectoryStorage {

    private static final String UNFINISHED = ".unfinished-";
    private static final String REPLACED = ".replaced-";

    private final String uri;
    private final Path root;
    private final Configuration settings;

    /** @param uri such as {@code hdfs://HOST/runs/1}; made when something is put there */
    public HadoopDirectory(String uri, Configuration settings) {
        this.uri = uri;
        this.root = new Path(URI.create(uri));
        this.settings = settings;
    }

    /** Without the files of checksums that Hadoop would put beside those of this machine. */
    private FileSystem files() throws IOException {
        FileSystem files = root.getFileSystem(settings);
        return files instanceof LocalFileSystem local ? local.getRawFileSystem() : files;
    }

    @Override
    public String name() {
        return uri;
    }

    @Override
    public List<String> list() {
        return FileCall.get(
                "cannot list " + uri,
                () -> names(files()).stream()
                        .filter(name -> !name.startsWith("."))
                        .toList());
    }

    private List<String> names(FileSystem files) throws IOException {
        try {
            return Stream.of(files.listStatus(root))
                    .filter(FileStatus::isDirectory)
                    .map(status -> status.getPath().getName())
                    .toList();
        } catch (FileNotFoundException e) {
            return List.of();
        }
    }

    @Override
    public void put(java.nio.file.Path directory) {
        String name = directory.getFileName().toString();
        FileCall.run("cannot copy " + directory + " to " + uri, () -> {
            FileSystem files = files();
            files.mkdirs(root);
            recover(files);
            Path unfinished = new Path(root, UNFINISHED + name);
            Path before = new Path(root, REPLACED + name);
            Path target = new Path(root, name);
            copy(directory, files, unfinished);
            boolean exists = files.exists(target);
            if (exists) {
                rename(files, target, before);
            }
            rename(files, unfinished, target);
            if (exists) {
                delete(files, before);
            }
        });
    }

    /** Cleans up what a writer that died has left. */
    private void recover(FileSystem files) throws IOException {
        for (String name : names(files)) {
            Path left = new Path(root, name);
            if (name.startsWith(REPLACED)) {
                Path target = new Path(root, name.substring(REPLACED.length()));
                if (files.exists(target)) {
                    delete(files, left);
                } else {
                    rename(files, left, target);
                }
            } else if (name.startsWith(UNFINISHED)) {
                delete(files, left);
            }
        }
    }

    private static void copy(java.nio.file.Path from, FileSystem files, Path to) throws IOException {
        if (Files.isDirectory(from)) {
            files.mkdirs(to);
            try (Stream<java.nio.file.Path> inside = Files.list(from)) {
                for (java.nio.file.Path file : inside.sorted().toList()) {
                    copy(file, files, new Path(to, file.getFileName().toString()));
                }
            }
            return;
        }
        try (FSDataOutputStream out = files.create(to, true)) {
            Files.copy(from, out);
            out.hsync();
        }
    }

    @Override
    public void get(String directory, java.nio.file.Path into) {
        FileCall.run("cannot copy " + uri + "/" + directory + " to " + into, () -> {
            FileSystem files = files();
            Files.createDirectory(into);
            for (FileStatus file : files.listStatus(new Path(root, directory))) {
                java.nio.file.Path target = into.resolve(file.getPath().getName());
                try (InputStream in = files.open(file.getPath());
                        FileOutputStream out = new FileOutputStream(target.toFile())) {
                    in.transferTo(out);
                    out.getFD().sync();
                }
            }
        });
    }

    @Override
    public byte[] read(String directory, String file) {
        return FileCall.get("cannot read " + uri + "/" + directory + "/" + file, () -> {
            try (InputStream in = files().open(new Path(new Path(root, directory), file))) {
                return in.readAllBytes();
            } catch (FileNotFoundException e) {
                return null;
            }
        });
    }

    @Override
    public void rename(String directory, String to) {
        FileCall.run(
                "cannot rename " + uri + "/" + directory,
                () -> rename(files(), new Path(root, directory), new Path(root, to)));
    }

    @Override
    public void remove(String directory) {
        FileCall.run("cannot remove " + uri + "/" + directory, () -> delete(files(), new Path(root, directory)));
    }

    private static void rename(FileSystem files, Path from, Path to) throws IOException {
        if (!files.rename(from, to)) {
            throw new IOException("the file system did not rename " + from + " to " + to);
        }
    }

    private static void delete(FileSystem files, Path path) throws IOException {
        if (!files.delete(path, true) && files.exists(path)) {
            throw new IOException("the file system did not delete " + path);
        }
    }
}
