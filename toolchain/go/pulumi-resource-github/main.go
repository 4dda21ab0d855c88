// Command pulumi-resource-github is the GitHub plugin of this project where the official one cannot be downloaded:
// terraform-provider-github behind pulumi-terraform-bridge, which is what the official plugin is as well.
package main

import (
	"github.com/integrations/terraform-provider-github/v6/github"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge/tokens"
	shimv2 "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim/sdk-v2"
)

// version is the @pulumi/github release whose resource types this serves. Without it the bridge panics.
const version = "6.15.0"

func main() {
	p := tfbridge.ProviderInfo{
		P:            shimv2.NewProvider(github.NewProvider(version, "")()),
		Name:         "github",
		Version:      version,
		MetadataInfo: tfbridge.NewProviderMetadata([]byte(`{}`)),
	}
	p.MustComputeTokens(tokens.SingleModule("github_", "index", tokens.MakeStandard("github")))
	tfbridge.Main("github", version, p, []byte(`{"name":"github","version":"`+version+`"}`))
}
