using LlIcm.Imaging;
using LlIcm.Torch;

namespace LlIcm.Tests.Pipeline;

public class LeakTests(TinyModel tiny) : IClassFixture<TinyModel>
{
    [Fact]
    public void NothingIsLeftBehind()
    {
        var codec = new PictureCodec(tiny.Model);
        Picture picture = TinyModel.Picture(64, 64);
        codec.Decompress(codec.Compress(picture));
        // What earlier tests left to the collector goes first.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        long before = TorchRuntime.LiveTensors;
        for (int i = 0; i < 3; i++) codec.Decompress(codec.Compress(picture));
        Assert.Equal(before, TorchRuntime.LiveTensors);
    }
}
