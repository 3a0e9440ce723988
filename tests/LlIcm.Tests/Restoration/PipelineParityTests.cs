using LlIcm.Restoration;
using LlIcm.Restoration.Networks;
using LlIcm.Tensors;
using LlIcm.TestSupport;
using LlIcm.Tests.Vision;
using LlIcm.Vision;

namespace LlIcm.Tests.Restoration;

/// <summary>An 8-bit picture through CLIP's preprocessing, DA-CLIP, U-Net and sampler to an 8-bit picture.</summary>
[Trait("Category", "parity")]
public class PipelineParityTests
{
    [FixtureFact("restore", "pipeline.tiny.safetensors")]
    public void ThePictureEqualsThePublishedPipelines()
    {
        using var scope = new TensorScope();
        using var noGrad = GradMode.Disable();
        using var golden = Golden.Open("restore", "pipeline.tiny.safetensors");
        using var weights = Golden.Open("restore", "unet.tiny.safetensors");
        using ConditionalUNet network = DenoiserCases.LoadUNet(weights);
        using DaClipModel vision = DaClipFixture.Model();

        byte[] pixels = golden["lq_u8_rgb"].ToArray<byte>();
        long[] shape = golden.File["lq_u8_rgb"].Shape;
        Tensor planes = Tensor.From<byte>(pixels, shape).Permute(2, 0, 1).Unsqueeze(0).Contiguous();
        Tensor mu = planes.To(ScalarType.Float) / 255;

        var preprocessing = new ClipPreprocessing(vision.Options.ImageSize);
        float[] prepared = preprocessing.PreparePlanes(mu.ToArray<float>(), (int)mu.Size(3), (int)mu.Size(2));
        Tensor input = Tensor.From<float>(prepared, golden.File["clip_input"].Shape);
        golden.AssertClose("clip_input", input, 1e-6);
        (Tensor content, Tensor degradation) = vision.EncodeImage(input);
        golden.AssertClose("image_context", content, 1e-4);
        golden.AssertClose("degra_context", degradation, 1e-4);

        var kind = Enum.Parse<SamplerKind>(golden.File.Metadata["mode"], ignoreCase: true);
        var sde = new IrSde(SdeFixtures.Options(golden.Metadata("sde")));
        Tensor start = sde.NoiseState(mu, golden["z0"]);
        golden.AssertClose("noisy_state", start, 1e-6);
        DenoiserContext context = network.Prepare(degradation, content);
        var predict = new FunctionDenoiser(
            PredictionTarget.Noise, (state, time) => network.Forward(state, mu, Tensor.From<float>([(float)time], [1]), context));
        Tensor output = Sampler.Walk(sde, kind, predict, start, mu, new RecordedNoise(golden["z"]));
        golden.AssertClose("output", output, 1e-3);

        Tensor bytes = (output.Clamp(0, 1) * 255).Round().Select(0, 0).Permute(1, 2, 0).Flip(2);
        byte[] expected = golden["output_u8_bgr"].ToArray<byte>(), actual = bytes.To(ScalarType.Byte).ToArray<byte>();
        Assert.Equal(expected.Length, actual.Length);
        int off = expected.Zip(actual).Count(pair => pair.First != pair.Second);
        Assert.True(off <= expected.Length / 100, $"{off} of {expected.Length} bytes differ");
        Assert.All(expected.Zip(actual), pair => Assert.InRange(pair.Second - pair.First, -1, 1));
    }
}
