using LlIcm.Imaging;
using LlIcm.Tensors;
using LlIcm.Tensors.Serialization;
using LlIcm.TestSupport;
using LlIcm.Vision;

namespace LlIcm.Quality.Tests;

public class LiqeTests
{
    private static readonly ClipOptions s_small = new(16, 64, 32, 64, 1, 1, 64, 1, 1, 77, 49408, QuickGelu: true);

    [Theory]
    [InlineData("")]
    [InlineData("model_state_dict.")]
    [InlineData("params.clip_model.")]
    public void Published_wrappings_of_the_weights_are_read(string prefix)
    {
        var clip = new ClipModel(s_small);
        string path = Path.Combine(Directory.CreateTempSubdirectory("llicm").FullName, "LIQE.safetensors");
        SafeTensorsWriter.Write(path, clip.StateDict().Select(each => (
            prefix + each.Name, each.Tensor.Type, each.Tensor.Shape.ToArray(),
            (ReadOnlyMemory<byte>)Bytes(each.Tensor))));
        using var original = new Liqe(clip);
        Picture picture = LpipsTests.Noise(70, 100, 3);

        using Liqe read = Liqe.Load(path);

        Assert.Equal(original.Score(picture).Score, read.Score(picture).Score, 1e-6);
    }

    [Fact]
    public void Another_models_weights_are_refused_with_one_line()
    {
        string path = Path.Combine(Directory.CreateTempSubdirectory("llicm").FullName, "other.safetensors");
        SafeTensorsWriter.Write(path, [("a", ScalarType.Float, [1], new byte[4])]);
        var error = Assert.Throws<WeightFormatException>(() => Liqe.Load(path));
        Assert.StartsWith(path + ": no LIQE weights", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void A_picture_smaller_than_a_patch_is_refused()
    {
        using var liqe = new Liqe(new ClipModel(s_small));
        Assert.Throws<QualityException>(() => liqe.Score(LpipsTests.Noise(63, 100, 1)));
    }

    [FixtureFact("iqa", "LIQE.pt.keys.txt")]
    public void The_published_checkpoint_has_every_tensor_of_the_model()
    {
        Dictionary<string, long[]> published = [];
        foreach (string line in File.ReadLines(Fixtures.Path("iqa", "LIQE.pt.keys.txt")!))
        {
            if (line.StartsWith('#')) continue;
            string[] fields = line.Split('\t');
            published[fields[0]] = System.Text.Json.JsonSerializer.Deserialize<long[]>(fields[1])!;
        }
        var options = ClipOptions.FromShapes(name => published.GetValueOrDefault(name), quickGelu: true);
        Assert.Equal(ClipOptions.VitB32 with { QuickGelu = true }, options);
        using var skip = Tensors.Modules.Initialization.Skip();
        using var clip = new ClipModel(options);
        foreach ((string name, Tensor tensor) in clip.StateDict())
            Assert.Equal(published[name], tensor.Shape.ToArray());
    }

    private static byte[] Bytes(Tensor tensor)
    {
        using Tensor detached = tensor.Detach().Unscoped();
        return System.Runtime.InteropServices.MemoryMarshal.AsBytes<float>(detached.ToArray<float>()).ToArray();
    }
}
