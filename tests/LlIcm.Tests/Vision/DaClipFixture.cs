using LlIcm.Tensors;
using LlIcm.Tensors.Modules;
using LlIcm.TestSupport;
using LlIcm.Vision;

namespace LlIcm.Tests.Vision;

/// <summary>The tiny DA-CLIP of the golden fixtures.</summary>
internal static class DaClipFixture
{
    public static DaClipModel Model(bool quickGelu = false)
    {
        using Golden weights = Golden.Open("restore", "daclip.tiny.safetensors");
        using IDisposable skip = Initialization.Skip();
        var model = new DaClipModel(ClipOptions.Of(weights.File) with { QuickGelu = quickGelu });
        model.LoadState(weights.Find);
        return model;
    }

    /// <summary>
    /// The training pass on the recorded batch, whose token rows hold caption and degradation side by side.
    /// </summary>
    public static DaClipFeatures Forward(DaClipModel model, Golden io)
    {
        Tensor[] tokens = io["tokens"].Chunk(2, 1);
        return model.Forward(io["image"], tokens[0], tokens[1]);
    }
}
