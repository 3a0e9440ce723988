using LlIcm.Training.Joint;
using LlIcm.Training.Tests.Joint;

namespace LlIcm.Training.Tests;

public class ModelMixTests
{
    [Fact]
    public void EachPartLiesItsShareOfTheWayFromOneModelToTheOther()
    {
        using RunFolder from = new(), to = new(), mixed = new();
        float[][] codec = [Saved(from, 1, "codec"), Saved(to, 2, "codec")], restorer = [Saved(from, 1, "restorer"), Saved(to, 2, "restorer")];
        float[] controller = Saved(from, 1, "controller");
        ModelMix.Write(from.Path, to.Path, new MixShares(Codec: 0.25, Controller: 0), mixed.Path);

        AssertBetween(codec, 0.25, Read(mixed, "codec"));
        AssertBetween(restorer, 1, Read(mixed, "restorer"));
        Assert.Equal(controller, Read(mixed, "controller"));
        Assert.Equal(3, Directory.GetFileSystemEntries(mixed.Path).Length);
    }

    [Fact]
    public void AMixedModelDecodesWhatItCoded()
    {
        using RunFolder from = new(), to = new(), mixed = new();
        Saved(from, 1, "codec");
        Saved(to, 2, "codec");
        ModelMix.Write(from.Path, to.Path, new MixShares(Codec: 0.5), mixed.Path);
        using LlIcmModel model = LlIcmModel.Load(mixed.Path);
        byte[] rgb = new byte[3 * 64 * 48];
        for (int i = 0; i < rgb.Length; i++) rgb[i] = (byte)(i * 7 % 251);
        var codec = new PictureCodec(model);
        byte[] file = codec.Compress(new Imaging.Picture(64, 48, rgb)).ToArray();
        // Tables of other weights would fail here: the file carries checksums of what the encoder saw.
        Imaging.Picture decoded = codec.Decompress(Container.LlicFile.Read(file));
        Assert.Equal((64, 48), (decoded.Width, decoded.Height));
    }

    [Fact]
    public void ModelsOfDifferentArchitecturesAreRefusedAndNothingIsWritten()
    {
        using RunFolder from = new(), mixed = new();
        Saved(from, 1, "codec");
        string output = mixed.At("new");
        var error = Assert.Throws<TrainingException>(() => ModelMix.Write(from.Path, LlIcmModel.Compact, new MixShares(), output));
        Assert.Contains("differ in the architecture of codec", error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(output));
        Assert.All(
            (double[])[-0.1, 1.5, double.NaN],
            share => Assert.Throws<ArgumentOutOfRangeException>(() => ModelMix.Write(from.Path, from.Path, new MixShares(Restorer: share), output)));
    }

    // What the file holds, which is rounded to half precision.
    private static float[] Saved(RunFolder folder, ulong seed, string part)
    {
        using var tiny = new TinyNetworks(seed: seed);
        using (JointStage stage = Stage(tiny)) stage.SaveWeights(folder.Path);
        return Read(folder, part);
    }

    private static float[] Read(RunFolder folder, string part)
    {
        using var tiny = new TinyNetworks(seed: 9);
        using (JointStage stage = Stage(tiny)) stage.LoadWeights(folder.Path);
        return [.. tiny.Snapshot(part).SelectMany(each => each)];
    }

    private static JointStage Stage(TinyNetworks networks) =>
        new(networks.Networks, new JointRecipe { Crop = 64, BatchSize = 2 }, (_, _) => throw new NotSupportedException());

    private static void AssertBetween(float[][] ends, double share, float[] found)
    {
        Assert.NotEqual(ends[0], ends[1]);
        for (int i = 0; i < found.Length; i++)
        {
            double expected = ends[0][i] + share * (ends[1][i] - ends[0][i]);
            Assert.InRange(found[i], expected - Math.Abs(expected) / 1024 - 1e-6, expected + Math.Abs(expected) / 1024 + 1e-6);
        }
    }
}
