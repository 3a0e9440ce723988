using LlIcm.Imaging;
using LlIcm.Training.Data;

namespace LlIcm.Training.Tests.Data;

public class PhotoCacheTests
{
    [Fact]
    public void Photographs_come_in_the_order_of_their_names_and_bad_ones_are_reported()
    {
        using TemporaryFolder folder = new();
        folder.Touch("b.png", "a.jpg", "sub/c.png", "bad.png", "notes.txt", "tiny.png");
        PhotoCache cache = PhotoCache.Load(folder.Path, new PhotoCacheOptions { Threads = 4 }, Decode);
        Assert.Equal([(byte)'a', (byte)'b', (byte)'c'], cache.Photos.Select(photo => photo.Rgb[0]));
        Assert.Equal(["bad.png", "tiny.png"], cache.Skipped.Select(skipped => Path.GetFileName(skipped.Path)));
        Assert.Contains("bad.png: damaged", cache.Skipped[0].Reason);
        Assert.Equal(3 * 3 * 80 * 70, cache.Bytes);
    }

    [Fact]
    public void Budget_of_memory_is_kept()
    {
        using TemporaryFolder folder = new();
        folder.Touch([.. Enumerable.Range(0, 100).Select(i => $"p{i:000}.png")]);
        PhotoCache cache = PhotoCache.Load(
            folder.Path, new PhotoCacheOptions { MaxBytes = 10 * 3 * 80 * 70 + 5 }, Decode);
        Assert.Equal(10, cache.Photos.Count);
        Assert.Equal(90, cache.LeftOut);
    }

    [Fact]
    public void Nothing_usable_is_an_error_in_one_line()
    {
        using TemporaryFolder folder = new();
        folder.Touch("bad.png");
        string message = Assert.Throws<InvalidDataException>(() => PhotoCache.Load(folder.Path, null, Decode)).Message;
        Assert.Contains("no usable photograph", message);
        Assert.DoesNotContain('\n', message);
        Assert.Throws<DirectoryNotFoundException>(() => PhotoCache.Load(Path.Combine(folder.Path, "absent")));
    }

    [Fact]
    public void Split_takes_every_nth_apart()
    {
        PhotoCache cache = new([.. Enumerable.Range(0, 10).Select(i => new Picture(1, 1, [(byte)i, 0, 0]))]);
        (PhotoCache training, PhotoCache heldOut) = cache.Split(4);
        Assert.Equal([3, 7], heldOut.Photos.Select(photo => (int)photo.Rgb[0]));
        Assert.Equal([0, 1, 2, 4, 5, 6, 8, 9], training.Photos.Select(photo => (int)photo.Rgb[0]));
    }

    private static Picture Decode(string path)
    {
        string name = Path.GetFileName(path);
        if (name.StartsWith("bad", StringComparison.Ordinal)) throw new PictureException($"{name}: damaged");
        int width = name.StartsWith("tiny", StringComparison.Ordinal) ? 10 : 80;
        byte[] rgb = new byte[3 * width * 70];
        Array.Fill(rgb, (byte)name[0]);
        return new Picture(width, 70, rgb);
    }
}
