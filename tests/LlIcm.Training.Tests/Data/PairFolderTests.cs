using LlIcm.Imaging;
using LlIcm.Training.Data;
using LlIcm.Training.Degradations;

namespace LlIcm.Training.Tests.Data;

public class PairFolderTests
{
    [Fact]
    public void Pairs_are_found_by_name_and_the_kind_by_the_folder()
    {
        using TemporaryFolder folder = new();
        folder.Touch("derain/input/b.png", "derain/input/a.png");
        folder.Touch("derain/target/a.jpg", "derain/target/b.png", "derain/target/c.png");
        PairFolder pairs = PairFolder.Open(Path.Combine(folder.Path, "derain") + "/", decode: Decode);
        Assert.Equal(["a", "b"], pairs.Names);
        Assert.Equal(DegradationKind.Rainy, pairs.Kind);
        DegradedSample sample = pairs.Load(1);
        Assert.Equal(50f / 255f, sample.Degraded.Pixels[0], 1e-6f);
        Assert.Equal(100f / 255f, sample.Clean.Pixels[0], 1e-6f);
        Assert.Null(sample.Mask);
    }

    [Fact]
    public void Masks_belong_to_the_triple_and_are_cut_with_it()
    {
        using TemporaryFolder folder = new();
        folder.Touch("inpaint/input/a.png", "inpaint/target/a.png", "inpaint/mask/a.png");
        DegradedSample sample = PairFolder.Open(Path.Combine(folder.Path, "inpaint"), decode: Decode).Load(0);
        Assert.Equal([1f, 1f, 1f, 0f, 0f, 0f], sample.Mask![..6]);
        DegradedSample part = PairFolder.Crop(sample, 3, new Xoshiro256(1));
        Assert.Equal((3, 9), (part.Clean.Width, part.Mask!.Length));
        Assert.Throws<ArgumentOutOfRangeException>(() => PairFolder.Crop(sample, 7, new Xoshiro256(1)));
    }

    [Fact]
    public void What_is_missing_is_named()
    {
        using TemporaryFolder folder = new();
        string path = Path.Combine(folder.Path, "derain");
        Assert.Throws<DirectoryNotFoundException>(() => PairFolder.Open(path));
        folder.Touch("derain/input/a.png", "derain/target/b.png");
        Assert.Contains("a.png", Assert.Throws<InvalidDataException>(() => PairFolder.Open(path)).Message);
        folder.Touch("derain/target/a.png", "derain/mask/b.png");
        Assert.Contains("mask", Assert.Throws<InvalidDataException>(() => PairFolder.Open(path)).Message);
        folder.Touch("other/input/a.png", "other/target/a.png");
        Assert.Throws<FormatException>(() => PairFolder.Open(Path.Combine(folder.Path, "other")));
    }

    [Fact]
    public void Pictures_of_different_sizes_are_no_pair()
    {
        using TemporaryFolder folder = new();
        folder.Touch("noisy/input/large.png", "noisy/target/large.png");
        PairFolder pairs = PairFolder.Open(Path.Combine(folder.Path, "noisy"), decode: Decode);
        Assert.Contains("9x6", Assert.Throws<InvalidDataException>(() => pairs.Load(0)).Message);
    }

    // The level tells the folder; the right half of masks is black.
    private static Picture Decode(string path)
    {
        string part = Path.GetFileName(Path.GetDirectoryName(path))!;
        int width = part == "input" && path.Contains("large", StringComparison.Ordinal) ? 9 : 6;
        byte[] rgb = new byte[3 * width * 6];
        Array.Fill(rgb, (byte)(part == "input" ? 50 : 100));
        for (int i = 0; part == "mask" && i < rgb.Length; i++) rgb[i] = i / 3 % 6 < 3 ? (byte)255 : (byte)0;
        return new Picture(width, 6, rgb);
    }
}
