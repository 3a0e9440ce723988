using LlIcm.Imaging;
using LlIcm.Training.Data;

namespace LlIcm.Training.Tests.Data;

public class PictureStoreTests
{
    [Fact]
    public void WhatFitsIsDecodedOnce()
    {
        var store = new PictureStore(2 * Length, decode: Decode);
        for (int i = 0; i < 3; i++)
            foreach (string name in (string[])["a", "b", "c"]) Assert.Equal((byte)name[0], store.Load(name)!.Rgb[0]);
        // a and b stay, c is read every time.
        Assert.Equal(2 + 3, store.Decoded);
        Assert.Equal(2 * Length, store.Bytes);
    }

    [Fact]
    public void AFolderKeepsPicturesFromRunToRunUntilTheirFilesChange()
    {
        using TemporaryFolder folder = new();
        folder.Touch("a.png", "b.png");
        string cache = Path.Combine(folder.Path, "cache"), a = Path.Combine(folder.Path, "a.png"), b = Path.Combine(folder.Path, "b.png");
        var first = new PictureStore(0, cache, Decode);
        first.Load(a);
        first.Load(b);
        var second = new PictureStore(0, cache, Decode);
        Assert.Equal((byte)'a', second.Load(a)!.Rgb[0]);
        Assert.Equal((5, 4), (second.Load(b)!.Width, second.Load(b)!.Height));
        Assert.Equal(0, second.Decoded);
        File.WriteAllBytes(a, [1]);
        second.Load(a);
        Assert.Equal(1, second.Decoded);
        Assert.All(Directory.GetFiles(cache), path => Assert.EndsWith(".rgb", path));
    }

    [Fact]
    public void ADamagedEntryIsDecodedAgain()
    {
        using TemporaryFolder folder = new();
        folder.Touch("a.png");
        string cache = Path.Combine(folder.Path, "cache"), a = Path.Combine(folder.Path, "a.png");
        new PictureStore(0, cache, Decode).Load(a);
        string kept = Assert.Single(Directory.GetFiles(cache));
        foreach (byte[] damage in (byte[][])[[], [1, 2, 3], [.. File.ReadAllBytes(kept)[..^1]]])
        {
            File.WriteAllBytes(kept, damage);
            var store = new PictureStore(0, cache, Decode);
            Assert.Equal((byte)'a', store.Load(a)!.Rgb[0]);
            Assert.Equal(1, store.Decoded);
        }
    }

    [Fact]
    public void AFolderThatTakesNoMoreDoesNotEndTheRun()
    {
        using TemporaryFolder folder = new();
        folder.Touch("a.png");
        string cache = Path.Combine(folder.Path, "cache");
        var store = new PictureStore(0, cache, Decode);
        Directory.Delete(cache);
        Assert.NotNull(store.Load(Path.Combine(folder.Path, "a.png")));
        Assert.Contains(cache, store.CacheError);
    }

    [Fact]
    public void UnusableFilesAreReadOnceAndNoted()
    {
        int calls = 0;
        var store = new PictureStore(1000, decode: path =>
        {
            calls++;
            throw new PictureException($"{path}: damaged");
        });
        Assert.Null(store.Load("x"));
        Assert.Null(store.Load("x"));
        Assert.Equal(1, calls);
        Assert.Equal(("x", "x: damaged"), Assert.Single(store.Skipped));
    }

    private const int Length = 3 * 5 * 4;

    private static Picture Decode(string path)
    {
        byte[] rgb = new byte[Length];
        Array.Fill(rgb, (byte)Path.GetFileName(path)[0]);
        return new Picture(5, 4, rgb);
    }

    public static TheoryData<Exception, bool> Errors() => new()
    {
        { new PictureException("x.png: damaged"), true },
        { new InvalidCastException("no"), true },
        { new IndexOutOfRangeException("two\nlines"), true },
        { new DivideByZeroException("no"), true },
        { new NotSupportedException("no"), true },
        { new IOException("no"), true },
        { new OutOfMemoryException("no"), false },
        { new OperationCanceledException("no"), false },
        { new VipsUnavailableException("no"), false },
    };

    [Theory]
    [MemberData(nameof(Errors))]
    public void Whatever_a_decoder_throws_is_the_files_fault(Exception error, bool skips)
    {
        var store = new PictureStore(1 << 20, decode: _ => throw error);
        if (!skips)
        {
            Assert.Throws(error.GetType(), () => store.Load("x.png"));
            return;
        }
        Assert.Null(store.Load("x.png"));
        (string path, string reason) = Assert.Single(store.Skipped);
        Assert.Equal("x.png", path);
        Assert.StartsWith("x.png: ", reason, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', reason);
    }
}
